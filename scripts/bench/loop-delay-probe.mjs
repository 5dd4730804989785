/**
 * How late an event loop is: loaded before it starts (`node --import`) into the gateway, and into a process that does nothing
 * beside it. Plain JavaScript, because a TypeScript file would load the compiler into the process whose memory is measured.
 * SIGUSR2 starts anew; the result is written at the end.
 */
import { writeFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { isMainThread } from 'node:worker_threads';

const RESOLUTION_MS = 10;
const NS_PER_MS = 1e6;
const file = process.env['BENCH_LOOP_DELAY_FILE'];

if (isMainThread && file !== undefined) {
  const histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  histogram.enable();
  process.on('SIGUSR2', () => histogram.reset());
  // What is recorded is the time between two looks, which are to be `RESOLUTION_MS` apart.
  const late = (ns) => Math.max(0, ns / NS_PER_MS - RESOLUTION_MS);
  process.on('exit', () => {
    const result = { p99Ms: late(histogram.percentile(99)), maxMs: late(histogram.max) };
    writeFileSync(file, JSON.stringify(result));
  });
}
