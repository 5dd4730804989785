/** When a lane may send, and which minutes. Pure: times come as arguments. */
import { MINUTE, SECOND, minuteOf, startOf, type DurationMs, type EpochMs, type Minute } from '../model/time.ts';
import type { ClaimRequest } from '../queue/queue.ts';
import type { Route, Sink } from '../sinks/sink.ts';

/** After its end a minute stays open this long for what is still on its way. */
const CLOSES_AFTER: DurationMs = 5 * SECOND;
/** The live lane's minutes began within this time. */
const LIVE: DurationMs = 5 * MINUTE;

export interface WindowOf {
  readonly route: Pick<Route, 'takes' | 'behindMs' | 'aheadMs'>;
  readonly resolution: Sink['resolution'];
  /** Only a sink's first route meets fresh values; on the others all lanes but the live one take every minute. */
  readonly preferred: boolean;
}

export type Window = Pick<ClaimRequest, 'dueBefore' | 'liveFrom' | 'oldest'>;

/** The minutes a route takes at an instant of the gateway's clock. */
export function windowAt(now: EpochMs, { route, resolution, preferred }: WindowOf): Window {
  const dueBefore = folds(route, resolution)
    ? minuteOf(now - CLOSES_AFTER)
    : Math.min(minuteOf(now) + 1, minuteOf(now + route.aheadMs));
  return {
    dueBefore,
    liveFrom: preferred ? firstMinuteFrom(now - LIVE) : dueBefore,
    oldest: firstMinuteFrom(now - route.behindMs),
  };
}

export function folds(route: Pick<Route, 'takes'>, resolution: Sink['resolution']): boolean {
  return route.takes === 'samples' && resolution === 'minute';
}

/** How the items of a claim are counted. */
export function countedAs(route: Pick<Route, 'takes'>, resolution: Sink['resolution']): ClaimRequest['count'] {
  if (route.takes === 'readings') return 'readings';
  return resolution === 'minute' ? 'folded' : 'values';
}

/** Until another minute becomes due. */
export function untilNextDue(now: EpochMs): DurationMs {
  return startOf(minuteOf(now - CLOSES_AFTER) + 1) + CLOSES_AFTER - now;
}

/** The gateway's health is sent once for each minute that becomes due: with live values, or alone this much later. */
const HEALTH_ALONE_AFTER: DurationMs = 10 * SECOND;

/** The minute whose health is to be sent now. */
export function healthMinute(now: EpochMs): Minute {
  return minuteOf(now - CLOSES_AFTER);
}

/** Until the health has to go alone; `last` is the minute it was last sent for, if ever. */
export function untilHealthAlone(now: EpochMs, last: Minute | null): DurationMs {
  const minute = healthMinute(now);
  const due = startOf(minute === last ? minute + 1 : minute) + CLOSES_AFTER + HEALTH_ALONE_AFTER;
  return Math.max(0, due - now);
}

export interface LaneTimes {
  readonly lane: 'live' | 'backlog';
  readonly flushMs: DurationMs;
  readonly maxItems: number;
  /** Values stored since the lane last looked. */
  readonly fresh: number;
  /** More was due behind the last batch. */
  readonly more: boolean;
  /** Something else happened that may have made a value due: a minute closed, time moved on, an attempt failed. */
  readonly stirred: boolean;
  /** Since the lane last sent, and last found nothing; Infinity when never. */
  readonly sinceSentMs: DurationMs;
  readonly sinceEmptyMs: DurationMs;
}

/** Looking costs a query; while every commit brings values that are not due yet, not each of them is worth one. */
const LOOK_EVERY = { live: 250, backlog: 1 * SECOND } as const;

/** How long the lane waits before it looks again: 0 is now, Infinity is until something happens. */
export function untilLook(times: LaneTimes): DurationMs {
  if (times.more) return 0;
  if (!times.stirred && times.fresh === 0) return Infinity;
  const pause = Math.max(0, LOOK_EVERY[times.lane] - times.sinceEmptyMs);
  if (times.lane !== 'live' || times.fresh >= times.maxItems) return pause;
  return Math.max(pause, times.flushMs - times.sinceSentMs, 0);
}

/** First minute that begins at or after an instant. */
function firstMinuteFrom(at: EpochMs): Minute {
  return Math.ceil(at / MINUTE);
}
