/**
 * The key of a reading: its minute in the upper bits, its id in the lower 37, so that the table is clustered by minute and
 * then by id. One integer and not two columns: SQLite appends to a table with an integer key by filling one page after the
 * other, but rebalances three pages again and again for any other key, which doubled what each commit wrote.
 *
 * Keys exceed what a JavaScript number holds exactly; they are put together and taken apart in SQL only.
 */
import { minuteOf, type EpochMs, type Minute } from '../../model/time.ts';

const ID_BITS = 37;
/** Centuries of readings at ten a second. */
export const MAX_ID = 2 ** ID_BITS - 1;
/** From 1843 to 2097. */
export const FIRST_MINUTE: Minute = -(2 ** 26);
export const LAST_MINUTE: Minute = 2 ** 26 - 2;

/** SQL: the key of a minute and an id. */
export function keyOf(minute: string, id: string): string {
  return `((${minute} << ${ID_BITS}) | ${id})`;
}

/** SQL: the least key of a minute. */
export function firstKeyOf(minute: string): string {
  return `(${minute} << ${ID_BITS})`;
}

/** SQL: the minute of a key. */
export function minuteOfKey(key = 'key'): string {
  return `(${key} >> ${ID_BITS})`;
}

/** SQL: the id of a key. */
export function idOfKey(key = 'key'): string {
  return `(${key} & ${MAX_ID})`;
}

/** A minute a key can hold. */
export function clampMinute(minute: Minute): Minute {
  return Math.min(Math.max(minute, FIRST_MINUTE), LAST_MINUTE);
}

/** The minute a reading is stored under; times no key can hold share the first or last one. */
export function storedMinuteOf(at: EpochMs): Minute {
  return clampMinute(minuteOf(at));
}
