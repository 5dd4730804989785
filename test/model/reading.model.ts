import { minuteOf, type EpochMs } from '../../src/model/time.ts';
import type { TestReading } from '../support/queue-readings.ts';

/** The time between two changes of what the wall clock is believed to be: a boot until it is confirmed, and each run after. */
export interface Stretch {
  readonly boot: string;
  confirmed: boolean;
}

export interface ModelReading extends TestReading {
  at: EpochMs;
  received: EpochMs;
  /** Nobody can tell when it was measured: history only. */
  unknown: boolean;
  fixed: boolean;
  readonly stretch: Stretch;
}

export function sizeOf({ values = {} }: TestReading): number {
  return Object.keys(values).length;
}

/** What tells readings apart: the first value. Only copies of a message share it. */
export function numberOf({ values = {} }: TestReading): number {
  return Object.values(values)[0] ?? Number.NaN;
}

/** The first stored of the oldest minute. */
export function oldestReading(readings: readonly ModelReading[]): ModelReading | null {
  return readings.reduce<ModelReading | null>(
    (oldest, reading) => (oldest === null || minuteOf(reading.at) < minuteOf(oldest.at) ? reading : oldest),
    null,
  );
}
