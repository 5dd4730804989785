import type { EpochMs } from '../model/time.ts';
import { instantOrReason } from './field-value.ts';
import type { Json } from './profile.ts';

/** Seconds or milliseconds since 1970, or ISO 8601, which needs a zone: without one it names no instant. */
export type TimeUnit = 's' | 'ms' | 'iso';

/** What else an engine reads as a time, it guesses. */
const ISO = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?<zone>Z|[+-]\d{2}:?\d{2})?$/i;

/** A device's own time, or the reason it is refused as a string. */
export function instantOf(field: Json, unit: TimeUnit): EpochMs | string {
  if (unit !== 'iso') return instantOrReason(field, unit === 's' ? 1000 : 1);
  const match = typeof field === 'string' ? ISO.exec(field) : null;
  if (match === null) return 'not an ISO 8601 time';
  if (match.groups?.['zone'] === undefined) return 'a time without a zone';
  const at = Date.parse(match[0]);
  return Number.isNaN(at) ? 'not an ISO 8601 time' : at;
}
