/**
 * How long a commit takes while old readings are pruned, and how long without, in one process on one queue that it takes to pieces:
 * all that is older than an hour is given up and removed.
 */
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { HOUR } from '../../../src/model/time.ts';
import { deviceName } from '../household.ts';
import { appendOf, openQueueIn } from '../opened-queue.ts';

export interface CommitLatencyArgument {
  readonly dataDir: string;
  readonly commits: number;
}

export interface CommitLatency {
  readonly withoutMs: number;
  readonly underPruningMs: number;
  readonly commits: number;
  readonly pruned: number;
}

const PER_COMMIT = 10;
const PAUSE_MS = 10;

const { dataDir, commits } = JSON.parse(process.argv[2] ?? '{}') as CommitLatencyArgument;
const queue = await openQueueIn(dataDir, { ttlMs: HOUR, retentionMs: HOUR });
let n = 0;
const without = await latencies(() => false);
let pruned = -1;
const pruning = queue.advance(Date.now()).then((advanced) => (pruned = advanced.pruned));
const under = await latencies(() => pruned >= 0);
await pruning;
await queue.close();
const result: CommitLatency = {
  withoutMs: p99(without),
  underPruningMs: p99(under),
  commits: under.length,
  pruned,
};
process.stdout.write(`${JSON.stringify(result)}\n`);

async function latencies(over: () => boolean): Promise<number[]> {
  const taken: number[] = [];
  while (taken.length < commits && !over()) {
    const atSeconds = Math.floor(Date.now() / 1000);
    const append = appendOf(
      Array.from({ length: PER_COMMIT }, (_, i) => ({ device: deviceName(i), atSeconds, n: n++ })),
    );
    const before = performance.now();
    await queue.append(append);
    taken.push(performance.now() - before);
    await sleep(PAUSE_MS);
  }
  return taken;
}

function p99(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length * 0.99)] ?? Number.NaN;
}
