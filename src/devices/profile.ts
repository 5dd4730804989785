/**
 * A profile says what a device's payload means: names, units, signs, invalid values. It is pure: bytes to values, no I/O,
 * no clock. Signs are applied here, once.
 */
import type { Quantity } from '../model/reading.ts';
import type { EpochMs } from '../model/time.ts';

/** What a parser of JSON hands to a profile: plain data without prototypes, within the intake's size and depth limits. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

export interface Profile {
  readonly name: string;
  /** Payloads that are neither a JSON object nor a list (`230.4`, `ON`) come as text; without it they are ignored unread. */
  readonly takesText: boolean;
  decode(payload: Json, context: DecodeContext): Decoded;
  /** What the number of a device's state, or the bits of a word, mean to a person; null where there is nothing to say. */
  describe?(device: string, quantity: Quantity, value: number): string | null;
}

export interface DecodeContext {
  readonly topic: string;
  /** The configured device name, with `{2}` already replaced by the topic's second level. */
  readonly device: string;
}

export type Decoded = DecodedReadings | { readonly kind: 'ignored' | 'refused'; readonly reason: string };

/** What one payload says: of one device, or of several. A bad field costs that field. */
export interface DecodedReadings {
  readonly kind: 'readings';
  /** At least one. */
  readonly readings: readonly DecodedReading[];
  readonly refusedFields: readonly RefusedField[];
}

export interface DecodedReading {
  readonly device: string;
  readonly serial: string | null;
  /** The device's own time; null when it gives none that is a number within ±8.64e15. Whether it is trusted is decided by the intake. */
  readonly deviceTime: EpochMs | null;
  /** Quantities in the order of the payload, with finite values in stored units; never empty. */
  readonly quantities: readonly Quantity[];
  readonly values: readonly number[];
  /** The device tells its values one by one: the intake makes one reading of those that come together. */
  readonly part: boolean;
}

export interface RefusedField {
  readonly field: string;
  readonly reason: string;
}
