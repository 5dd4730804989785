import type { ClaimRequest } from '../queue.ts';
import type { StoredSink } from '../tables/sinks.ts';
import type { Tables } from '../tables/tables.ts';
import { gatherReadings, type DueMinute } from './gather-readings.ts';
import type { Gathered } from './open-claim.ts';

const ROWS = 256;

/** The live and the backlog lane: what is owed and not on its way. `freeFrom` says where that begins in a minute; null: nowhere. */
export function gatherOwed(
  request: ClaimRequest,
  sink: StoredSink,
  tables: Tables,
  freeFrom: (minute: DueMinute) => number | null,
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
        const through = freeFrom(row);
        if (through !== null) yield { minute: row.minute, through };
        if (live) before = row.minute;
        else from = row.minute + 1;
      }
      if (rows.length < ROWS) return;
    }
  }
}
