import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { CutThreadData } from './cut-thread.ts';
import type { CutsResult } from './try-cuts.ts';

/** Tries cuts on a thread of its own, with a directory of its own below `dir`. */
export async function tryCutsInThread(options: CutThreadData): Promise<CutsResult> {
  const dir = mkdtempSync(join(options.dir, 'cuts-'));
  const worker = new Worker(new URL('./cut-thread.ts', import.meta.url), { workerData: { ...options, dir } });
  const exited = once(worker, 'exit');
  const [result] = (await once(worker, 'message')) as [CutsResult];
  await exited;
  rmSync(dir, { recursive: true });
  return result;
}
