import { type DurationMs, type EpochMs, HOUR } from '../model/time.ts';

/** How far the wall clocks of Central Europe are ahead of UTC: two hours in summer (Directive 2000/84/EC), else one. */
export function centralEuropeOffset(at: EpochMs): DurationMs {
  const year = new Date(at).getUTCFullYear();
  const summer = at >= lastSunday(year, 2) && at < lastSunday(year, 9);
  return summer ? 2 * HOUR : HOUR;
}

/** 01:00 UTC on the last Sunday of a month of 31 days, where the clocks change. */
function lastSunday(year: number, month: number): EpochMs {
  const last = Date.UTC(year, month, 31, 1);
  return last - new Date(last).getUTCDay() * 24 * HOUR;
}
