import { MINUTE, type DurationMs, type EpochMs, type Minute } from '../../model/time.ts';
import type { RouteWindow, StoredSink } from '../tables/sinks.ts';

/** The first minute that begins no longer ago than `behindMs`. */
export function firstMinuteWithin(behindMs: DurationMs, now: EpochMs): Minute {
  return behindMs === Number.POSITIVE_INFINITY ? Number.MIN_SAFE_INTEGER : Math.ceil((now - behindMs) / MINUTE);
}

/** The first route, in order of preference, that takes a minute; null when it is too old for all or for the queue. */
export function routeFor(
  minute: Minute,
  routes: readonly RouteWindow[],
  ttlMs: DurationMs,
  now: EpochMs,
): string | null {
  if (minute < firstMinuteWithin(ttlMs, now)) return null;
  return routes.find(({ behindMs }) => minute >= firstMinuteWithin(behindMs, now))?.name ?? null;
}

/** How long a sink is owed anything: its widest window, but not longer than the queue owes. */
export function longestWindow({ routes }: Pick<StoredSink, 'routes'>, ttlMs: DurationMs): DurationMs {
  return Math.min(ttlMs, Math.max(...routes.map(({ behindMs }) => behindMs)));
}

/** Before which minute a row on this route has to go elsewhere. A removed sink's rows only expire, at the ttl. */
export function leavesBefore(sink: StoredSink, route: RouteWindow, ttlMs: DurationMs, now: EpochMs): Minute {
  return firstMinuteWithin(sink.removed ? ttlMs : Math.min(route.behindMs, ttlMs), now);
}
