import type { Minute } from '../../model/time.ts';
import type { ClaimRequest } from '../queue.ts';
import type { StoredSink } from '../tables/sinks.ts';
import type { Tables } from '../tables/tables.ts';
import { gatherReadings, type DueMinute } from './gather-readings.ts';
import type { Gathered } from './open-claim.ts';

const ROWS = 256;

/** The live and the backlog lane: what is owed, in minutes no other lane of the sink has taken. */
export function gatherOwed(
  request: ClaimRequest,
  sink: StoredSink,
  tables: Tables,
  isTaken: (minute: Minute) => boolean,
): Gathered | null {
  const gathered = gatherReadings(
    due(),
    (minute, after, limit) => tables.readings.owed(minute, after, Number.MAX_SAFE_INTEGER, limit),
    request,
    tables,
  );
  return gathered === null ? null : { ...gathered, claim: { ...gathered.claim, replay: null } };

  function* due(): Generator<DueMinute> {
    const live = request.lane === 'live';
    let from = live ? Math.max(request.oldest, request.liveFrom) : request.oldest;
    let before = live ? request.dueBefore : Math.min(request.dueBefore, request.liveFrom);
    for (;;) {
      const rows = live
        ? tables.owed.newest(sink.id, from, before, request.route, ROWS)
        : tables.owed.oldest(sink.id, from, before, request.route, ROWS);
      for (const row of rows) {
        if (!isTaken(row.minute)) yield row;
        if (live) before = row.minute;
        else from = row.minute + 1;
      }
      if (rows.length < ROWS) return;
    }
  }
}
