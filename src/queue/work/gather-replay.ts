import { MINUTE, startOf, type Minute } from '../../model/time.ts';
import type { ClaimRequest } from '../queue.ts';
import type { StoredReplay } from '../tables/replays.ts';
import type { RouteWindow, StoredSink } from '../tables/sinks.ts';
import type { Tables } from '../tables/tables.ts';
import { gatherReadings, type DueMinute } from './gather-readings.ts';
import type { ClaimBounds } from './item-limit.ts';
import type { Gathered } from './open-claim.ts';

/** `waiting`: what comes next belongs to another route. `finished`: nothing is left that a route takes. */
export type ReplayStep = Gathered | 'waiting' | 'finished';

/**
 * The replay lane: stored readings that are not pending, from the newest minute to the oldest, so that what is fresh goes
 * first and, as time passes, only what follows becomes older.
 */
export function gatherReplay(
  replay: StoredReplay,
  request: ClaimRequest,
  sink: StoredSink,
  tables: Tables,
  bounds: ClaimBounds,
): ReplayStep {
  const end: { step: 'waiting' | 'finished' } = { step: 'finished' };
  const { fromAt, toAt, device } = replay;
  const gathered = gatherReadings(
    due(),
    ({ minute }, after, limit) =>
      tables.readings.replayed(minute, tables.owed.get(sink.id, minute), after, { fromAt, toAt, device }, limit),
    request,
    tables,
    bounds,
  );
  if (gathered === null) return end.step;
  const { claim, parts } = gathered;
  return { parts, claim: { ...claim, more: claim.more || end.step === 'waiting', replay: replay.id } };

  function* due(): Generator<DueMinute> {
    let minute = tables.readings.minuteUpTo(Math.min(replay.cursorMinute, request.dueBefore - 1));
    for (; minute !== null && startOf(minute + 1) > fromAt; minute = tables.readings.minuteUpTo(minute - 1)) {
      const route = routeOfReplayed(minute, sink.routes, request);
      if (route === null) return;
      if (route !== request.route) {
        end.step = 'waiting';
        return;
      }
      yield { minute, through: minute === replay.cursorMinute ? replay.cursorId : 0 };
    }
  }
}

/** The first route whose window still holds a minute; null when none does. `dueBefore` stands for the present. */
export function routeOfReplayed(
  minute: Minute,
  routes: readonly RouteWindow[],
  { route, oldest, dueBefore }: Pick<ClaimRequest, 'route' | 'oldest' | 'dueBefore'>,
): string | null {
  const found = routes.find(
    ({ name, behindMs }) => minute >= (name === route ? oldest : dueBefore - behindMs / MINUTE),
  );
  return found?.name ?? null;
}
