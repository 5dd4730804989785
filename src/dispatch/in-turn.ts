import { setImmediate } from 'node:timers/promises';
import type { DurationMs } from '../model/time.ts';
import type { Clock } from '../platform/clock.ts';

/** Work that took so long stands for itself: what comes next would make sockets and timers wait for both. */
const LONG: DurationMs = 2;

/** Does a piece of work, and lets everybody else have a turn behind it when it took long. */
export async function inTurn<T>(clock: Pick<Clock, 'monoMs'>, work: () => T): Promise<T> {
  const begunMono = clock.monoMs();
  const result = work();
  if (clock.monoMs() - begunMono >= LONG) await setImmediate();
  return result;
}
