import type { Quantity, Reading } from './reading.ts';
import type { EpochMs } from './time.ts';

/**
 * One value of one series as a sink may send it: a single value (`count` 1), or the values of one minute folded.
 * In stored units; the sink scales once. `at` is the time of the newest value in it.
 */
export interface Sample {
  readonly device: string;
  readonly quantity: Quantity;
  readonly at: EpochMs;
  readonly min: number;
  readonly max: number;
  readonly sum: number;
  readonly count: number;
}

/** A stored reading as the late route sends it, one event each. */
export interface LateReading extends Reading {
  readonly id: number;
}
