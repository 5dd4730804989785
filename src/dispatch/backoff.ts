/** How long a route waits before its next attempt. Pure; the caller measures it on the monotonic clock. */
import type { Blocked, Retry } from '../model/outcome.ts';
import { HOUR, MINUTE, SECOND, type DurationMs } from '../model/time.ts';
import type { Random } from '../platform/random.ts';

const UNREACHABLE: DurationMs = 2 * SECOND;
const BUSY_FIRST: DurationMs = 1 * SECOND;
const BUSY_MOST: DurationMs = 60 * SECOND;
/** Full jitter may draw nothing at all, which would be no back-off. */
const BUSY_LEAST: DurationMs = 100;
const PAGE: DurationMs = 15 * SECOND;
const REFUSING_MOST: DurationMs = 60 * SECOND;
const CREDENTIALS: DurationMs = 5 * MINUTE;
/** A server that asks for more is asked again anyway: values expire, and such headers have been wrong by a factor of a thousand. */
const RETRY_AFTER_MOST: DurationMs = 1 * HOUR;

/** `failures`: how many attempts in a row failed, this one included. */
export function backoff(outcome: Retry | Blocked, failures: number, random: Random): DurationMs {
  if (outcome.kind === 'blocked') return outcome.cause === 'page' ? PAGE : CREDENTIALS;
  if (outcome.retryAfterMs !== undefined) return Math.min(outcome.retryAfterMs, RETRY_AFTER_MOST);
  if (outcome.cause === 'busy') {
    const most = Math.min(BUSY_MOST, BUSY_FIRST * 2 ** Math.min(failures, 10));
    return Math.max(BUSY_LEAST, random() * most);
  }
  return UNREACHABLE * (0.75 + random() / 2);
}

/** The same for a server that refuses every body: what it is sent next may be the first that it takes. */
export function backoffRefusing(failures: number): DurationMs {
  return Math.min(REFUSING_MOST, PAGE * 2 ** Math.min(failures - 1, 10));
}
