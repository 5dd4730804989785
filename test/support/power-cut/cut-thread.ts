/** A thread that tries the cuts of one recording; posts the result. */
import { parentPort, workerData } from 'node:worker_threads';
import { readRecording } from './recording.ts';
import { tryCuts, type CutsOptions } from './try-cuts.ts';

export interface CutThreadData extends Omit<CutsOptions, 'operations'> {
  readonly trace: string;
}

const { trace, ...options } = workerData as CutThreadData;
parentPort?.postMessage(tryCuts({ ...options, operations: readRecording(trace) }), []);
