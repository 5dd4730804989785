import { DAY, HOUR, MINUTE, SECOND, type DurationMs } from '../model/time.ts';

export const DURATION = 'a duration such as 250ms, 10s, 55m, 24h or 7d';

const UNITS: readonly (readonly [unit: string, ms: DurationMs])[] = [
  ['d', DAY],
  ['h', HOUR],
  ['m', MINUTE],
  ['s', SECOND],
  ['ms', 1],
];

/** Reads `250ms`, `1.5h`, `7d`; null for anything else, a number without a unit included. */
export function parseDuration(text: string): DurationMs | null {
  const match = /^(\d{1,9}(?:\.\d{1,6})?)\s?(ms|s|m|h|d)$/.exec(text.trim());
  const ms = UNITS.find(([unit]) => unit === match?.[2])?.[1];
  return match === null || ms === undefined ? null : Math.round(Number(match[1]) * ms);
}

/** In the largest unit that divides it. */
export function formatDuration(ms: DurationMs): string {
  const [unit, size] = UNITS.find(([, size]) => ms !== 0 && ms % size === 0) ?? ['s', SECOND];
  return `${ms / size}${unit}`;
}
