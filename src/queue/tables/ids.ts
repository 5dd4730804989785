import type { Counters } from './counters.ts';

/** Takes `count` ids that were never used before, of readings and dead letters alike; the first of them. */
export function takeIds(counters: Counters, count: number): number {
  const first = counters.get('queue', 'next_id') ?? 1;
  if (count > 0) counters.set('queue', 'next_id', first + count);
  return first;
}

/** The highest id there is. */
export function lastId(counters: Counters): number {
  return takeIds(counters, 0) - 1;
}
