import { SECOND, type DurationMs } from '../model/time.ts';

const SHORTEST = SECOND;
const LONGEST = 10 * SECOND;

/** How long to wait after so many failed appends in a row (1 or more): 1 s, 2 s, 4 s, 8 s, then 10 s. */
export function backOffMs(failures: number): DurationMs {
  return Math.min(LONGEST, SHORTEST * 2 ** (failures - 1));
}
