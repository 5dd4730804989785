import type { EpochMs } from '../model/time.ts';
import { instantOrReason } from './field-value.ts';
import type { Json } from './profile.ts';

/** Seconds or milliseconds since 1970, or ISO 8601, which needs a zone: without one it names no instant. */
export type TimeUnit = 's' | 'ms' | 'iso';

const ZONED = /(?:Z|[+-]\d{2}:?\d{2})$/i;

/** A device's own time, or the reason it is refused as a string. */
export function instantOf(field: Json, unit: TimeUnit): EpochMs | string {
  if (unit !== 'iso') return instantOrReason(field, unit === 's' ? 1000 : 1);
  if (typeof field !== 'string') return 'not an ISO 8601 time';
  if (!ZONED.test(field)) return 'a time without a zone';
  const at = Date.parse(field);
  return Number.isNaN(at) ? 'not an ISO 8601 time' : at;
}
