import type { ClaimRequest } from '../queue.ts';
import type { OwedMinute } from '../tables/owed.ts';
import type { StoredSink } from '../tables/sinks.ts';
import type { Tables } from '../tables/tables.ts';
import { gatherDevices } from './gather-devices.ts';
import { gatherReadings } from './gather-readings.ts';
import type { ClaimRoom } from './claim-room.ts';
import type { Gathered } from './open-claim.ts';

const ROWS = 256;

export interface OwedSearch {
  readonly request: ClaimRequest;
  readonly sink: StoredSink;
  readonly tables: Tables;
  readonly room: ClaimRoom;
  /** Behind which reading of a minute nothing is on its way; null when all of it is, or when another lane has it. */
  readonly freeFrom: (minute: OwedMinute) => number | null;
}

/** The live and the backlog lane: what is owed and not on its way. */
export function gatherOwed(search: OwedSearch): Gathered | null {
  const { request, tables, room } = search;
  const mayCut = request.count !== 'folded';
  const [first] = mayCut ? [] : due(search, 1);
  if (first !== undefined && first.values > room.bounds.values && first.readings > 1)
    return gatherDevices(first, request, tables, room);
  const fetch = (minute: OwedMinute, after: number, limit: number) => tables.readings.owed(minute, after, limit);
  const gathered = gatherReadings(due(search, ROWS), fetch, request, tables, room);
  if (gathered === null) return null;
  const isCut = gathered.parts.some((part) => part.kind === 'minute' && !part.whole);
  if (first !== undefined && isCut) return gatherDevices(first, request, tables, room);
  return { ...gathered, claim: { ...gathered.claim, replay: null } };
}

function* due({ request, sink, tables, freeFrom }: OwedSearch, limit: number): Generator<OwedMinute, void> {
  const live = request.lane === 'live';
  let from = live ? Math.max(request.oldest, request.liveFrom) : request.oldest;
  let before = live ? request.dueBefore : Math.min(request.dueBefore, request.liveFrom);
  for (;;) {
    const rows = live
      ? tables.owed.newest(sink.id, from, before, request.route, limit)
      : tables.owed.oldest(sink.id, from, before, request.route, limit);
    for (const row of rows) {
      const through = freeFrom(row);
      if (through !== null) yield { ...row, through };
      if (live) before = row.minute;
      else from = row.minute + 1;
    }
    if (rows.length < limit) return;
  }
}
