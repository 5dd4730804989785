import type { Counters } from './counters.ts';

/** The first id that was never used; `setNextId` is to follow where some are taken from it on. */
export function nextId(counters: Counters): number {
  return counters.get('queue', 'next_id') ?? 1;
}

export function setNextId(counters: Counters, id: number): void {
  counters.set('queue', 'next_id', id);
}

/** Takes `count` ids that were never used before, of readings and dead letters alike; the first of them. */
export function takeIds(counters: Counters, count: number): number {
  const first = nextId(counters);
  setNextId(counters, first + count);
  return first;
}

/** The highest id there is. */
export function lastId(counters: Counters): number {
  return nextId(counters) - 1;
}
