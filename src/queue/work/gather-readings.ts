import type { Minute } from '../../model/time.ts';
import type { ClaimRequest } from '../queue.ts';
import type { BriefRow } from '../tables/readings.ts';
import type { Tables } from '../tables/tables.ts';
import { ClaimColumns } from './claim-columns.ts';
import type { ClaimRoom } from './claim-room.ts';
import { ItemLimit } from './item-limit.ts';
import type { Gathered, MinutePart } from './open-claim.ts';

/** One minute a lane may take from. */
export interface DueMinute {
  readonly minute: Minute;
  /** Readings with a higher id are meant. */
  readonly through: number;
}

/** Readings of a minute with an id above `after`, by id; fewer than `limit` when there are no more. */
export type Fetch<M extends DueMinute> = (minute: M, after: number, limit: number) => BriefRow[];

const PAGE = 256;

/** Takes minutes in the order given until the request's limit; null when they hold nothing. */
export function gatherReadings<M extends DueMinute>(
  due: Iterable<M>,
  fetch: Fetch<M>,
  request: ClaimRequest,
  { origins, shapes }: Pick<Tables, 'origins' | 'shapes'>,
  room: ClaimRoom,
): (Omit<Gathered, 'claim'> & { claim: Omit<Gathered['claim'], 'replay'> }) | null {
  const columns = new ClaimColumns(origins, shapes, room.space);
  const limit = new ItemLimit(request, room.bounds);
  const parts: MinutePart[] = [];
  let more = false;
  for (const one of due) {
    const { minute, through } = one;
    const start = columns.length;
    const whole = take(one);
    if (!whole) more = true;
    // A minute cut in two becomes two lines of each series: rather leave it whole for the next batch.
    if (!whole && request.count === 'folded' && start > 0) columns.truncate(start);
    if (columns.length > start) parts.push({ kind: 'minute', minute, through, start, end: columns.length, whole });
    if (!whole) break;
  }
  return columns.length === 0 ? null : { claim: { readings: columns.take(), more }, parts };

  /** Whether all of the minute was taken. */
  function take(one: M): boolean {
    for (let after = one.through; ;) {
      const rows = fetch(one, after, PAGE);
      for (const row of rows) {
        const [id, origin, shape] = row;
        if (!limit.admit(one.minute, seriesOf(origin, shape), shapes.get(shape).length)) return false;
        columns.addRow(row);
        after = id;
      }
      if (rows.length < PAGE) return true;
    }
  }
}

/** Names what is folded together within a minute. Numbers of origins and shapes are small. */
export function seriesOf(origin: number, shape: number): number {
  return origin * 0x100000 + shape;
}
