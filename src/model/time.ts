/** Milliseconds since 1970-01-01T00:00:00Z. */
export type EpochMs = number;
/** Milliseconds of the system's monotonic clock: shared by all processes of one boot, never stepped. */
export type MonoMs = number;
/** A length of time in milliseconds. */
export type DurationMs = number;
/** Whole minutes since the epoch: the slot a reading belongs to, and the finest slot Dynatrace stores. */
export type Minute = number;

export const SECOND: DurationMs = 1_000;
export const MINUTE: DurationMs = 60_000;
export const HOUR: DurationMs = 3_600_000;
export const DAY: DurationMs = 86_400_000;

/** The minute an instant falls into. */
export function minuteOf(at: EpochMs): Minute {
  return Math.floor(at / MINUTE);
}

/** The first instant of a minute. */
export function startOf(minute: Minute): EpochMs {
  return minute * MINUTE;
}
