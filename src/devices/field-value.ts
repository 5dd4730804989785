import type { EpochMs } from '../model/time.ts';
import type { Json } from './profile.ts';

/** What a profile of JSON payloads looks its fields up in. */
export type JsonObject = { readonly [key: string]: Json };

/** No meter counts so far; beyond it a double loses whole units. */
const LARGEST = 1e15;

/** Milliseconds from 1970 to the ends of ECMAScript's calendar (ECMA-262, 21.4.1.1); beyond, no instant has a name. */
const FARTHEST: EpochMs = 8.64e15;

const PLAIN_DECIMAL = /^[+-]?\d+(?:\.\d+)?$/;

/**
 * A field's number, or the reason it is refused as a string. Numbers and plain decimal text (`12`, `-0.5`) up to 1e15 are
 * accepted. Booleans are refused although they could be read as 0 and 1: a reader's firmware sends them by mistake.
 */
export function numberOrReason(field: Json | undefined): number | string {
  if (typeof field === 'number') return inRange(field);
  if (typeof field === 'string') return PLAIN_DECIMAL.test(field) ? inRange(Number(field)) : 'not a decimal number';
  if (field === undefined) return 'missing';
  if (field === null) return 'null';
  if (typeof field === 'boolean') return 'a boolean, not a number';
  return 'not a number';
}

/** A device's own time given as a number of units of `unitMs` since 1970, or the reason it is refused as a string. */
export function instantOrReason(field: Json | undefined, unitMs: 1 | 1000): EpochMs | string {
  if (typeof field !== 'number' || !Number.isFinite(field)) return 'not a number';
  const at = Math.round(field * unitMs);
  return Math.abs(at) <= FARTHEST ? at : 'out of range';
}

/** Whether a payload is a JSON object: neither a list nor a bare value. */
export function isJsonObject(payload: Json): payload is JsonObject {
  return typeof payload === 'object' && payload !== null && !Array.isArray(payload);
}

function inRange(value: number): number | string {
  if (!Number.isFinite(value)) return 'not finite';
  if (Math.abs(value) > LARGEST) return 'out of range';
  return value === 0 ? 0 : value;
}
