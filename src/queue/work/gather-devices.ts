/**
 * A minute too large to be claimed whole, device by device: each with all it reported in that minute, because a series cut in two
 * would be two lines. Devices go in the order of their origins, so that one of them says how far it has come.
 *
 * The readings of a device lie scattered over its minute, and all of that is looked at for each claim: mostly it holds a few times
 * as much as a claim, and an index for this would have to be written with every reading. What a single device has too much of is
 * sorted whole each time.
 */
import type { ClaimRequest } from '../queue.ts';
import { lastId } from '../tables/ids.ts';
import type { OwedMinute, OwedPart } from '../tables/owed.ts';
import type { Tables } from '../tables/tables.ts';
import { ClaimColumns } from './claim-columns.ts';
import { seriesOf } from './gather-readings.ts';
import type { ClaimRoom } from './claim-room.ts';
import { ItemLimit, type ClaimBounds } from './item-limit.ts';
import type { Gathered } from './open-claim.ts';

/** Of what would fill a claim were the devices all alike: what was looked for in vain is cheaper than what does not fit. */
const FILL = 0.9;

/** Null when nothing of it is left. What came since its first device went waits for its last. */
export function gatherDevices(
  owed: OwedMinute,
  request: ClaimRequest,
  tables: Tables,
  room: ClaimRoom,
): Gathered | null {
  const { through, part } = owed;
  const fresh = { base: Math.max(through, part?.upto ?? 0), part: { upto: lastId(tables.counters), origin: 0, id: 0 } };
  const underWay = part === null || part.upto <= through ? [] : [{ base: through, part }];
  for (const { base, part } of [...underWay, fresh]) {
    const gathered = gather(owed, base, part, request, tables, room);
    if (gathered !== null) return gathered;
  }
  return null;
}

function gather(
  owed: OwedMinute,
  base: number,
  part: OwedPart,
  request: ClaimRequest,
  { origins, readings, shapes }: Tables,
  room: ClaimRoom,
): Gathered | null {
  const { minute } = owed;
  const columns = new ClaimColumns(origins, shapes, room.space);
  const limit = new ItemLimit(request, room.bounds);
  const devices: number[] = [];
  const last = origins.lastId;
  const width = windowOf(owed, last - part.origin + 1, room.bounds);
  let next = part.origin;
  let ended = true;
  for (; next <= last && !limit.isHalfFull && ended; next += width) ended = take(next, next + width - 1);
  ended &&= next > last;
  if (columns.length === 0) return null;
  return {
    claim: { readings: columns.take(), more: true, replay: null },
    parts: [
      {
        kind: 'devices',
        minute,
        owed,
        base,
        upto: part.upto,
        origins: devices,
        start: 0,
        end: columns.length,
        ended,
      },
    ],
  };

  /** Whether all of these origins fit. */
  function take(first: number, until: number): boolean {
    let start = columns.length;
    for (const row of readings.ofDevices(minute, base, part, first, until)) {
      const [, origin, shape] = row;
      if (origin !== devices.at(-1)) start = columns.length;
      if (!limit.admit(minute, seriesOf(origin, shape), shapes.get(shape).length)) {
        // What one device alone has too much of is cut all the same.
        const fitting = start > 0 ? start : columns.length;
        columns.truncate(fitting);
        devices.length = fitting;
        return false;
      }
      columns.addRow(row);
      devices.push(origin);
    }
    return true;
  }
}

/** How many origins to look for at once. */
function windowOf({ readings, values }: OwedMinute, origins: number, bounds: ClaimBounds): number {
  const claims = Math.max(values / bounds.values, 1);
  const devices = (bounds.lines * readings) / values;
  return Math.max(1, Math.floor(FILL * Math.min(origins / claims, devices)));
}
