import type BetterSqlite3 from 'better-sqlite3';
import { MINUTE, minuteOf, startOf, type EpochMs, type Minute } from '../../model/time.ts';
import type { ReplayPlan, ReplayRequest } from '../inspector.ts';
import { firstKeyOf, idOfKey, MAX_ID, minuteOfKey, storedMinuteOf } from '../tables/reading-key.ts';
import { TIME_UNKNOWN } from '../tables/readings.ts';
import type { StoredSink } from '../tables/sinks.ts';
import type { Tables } from '../tables/tables.ts';
import { firstMinuteWithin } from './windows.ts';

type SinkPlan = ReplayPlan['sinks'][number];

interface Count {
  readonly minute: Minute;
  readonly shape: number;
  readonly readings: number;
  readonly pending: number;
}

/** What a replay would send, in values. Reads every reading of the range. */
export function planReplay(
  db: BetterSqlite3.Database,
  tables: Tables,
  request: ReplayRequest,
  sinks: readonly StoredSink[],
): ReplayPlan {
  const range = resolveRange(request);
  const counts = db.prepare<[number, Minute, Minute, number, number, string | null, string | null], Count>(
    `SELECT ${minuteOfKey('r.key')} AS minute, r.shape, count(*) AS readings,
       sum(${idOfKey('r.key')} > coalesce(o.through, ${MAX_ID})
         AND (${idOfKey('r.key')} > coalesce(p.upto, 0) OR (r.origin, ${idOfKey('r.key')}) > (p.origin, p.id))) AS pending
     FROM readings AS r LEFT JOIN owed AS o ON o.sink = ? AND o.minute = ${minuteOfKey('r.key')}
       LEFT JOIN owed_parts AS p ON p.sink = o.sink AND p.minute = o.minute
     WHERE r.key >= ${firstKeyOf('?')} AND r.key < ${firstKeyOf('(? + 1)')} AND r.at >= ? AND r.at < ? AND r.flags & ${TIME_UNKNOWN} = 0
       AND (? IS NULL OR r.origin IN (SELECT id FROM origins WHERE device = ?))
     GROUP BY 1, r.shape`,
  );
  const device = request.device ?? null;
  const { from, to } = range;
  return {
    ...range,
    sinks: sinks.map((sink) => {
      const rows = counts.all(sink.id, storedMinuteOf(from), storedMinuteOf(to), from, to, device, device);
      return planFor(sink.name, rows, request, (shape) => tables.shapes.get(shape).length);
    }),
  };
}

/** Pure: the range in whole minutes where that is asked for. */
export function resolveRange({ from, to, wholeMinutes }: ReplayRequest): { from: EpochMs; to: EpochMs } {
  if (!wholeMinutes) return { from, to };
  return { from: startOf(minuteOf(from)), to: Math.ceil(to / MINUTE) * MINUTE };
}

function planFor(
  sink: string,
  rows: readonly Count[],
  { windows, now }: ReplayRequest,
  valuesOf: (shape: number) => number,
): SinkPlan {
  const routes = windows[sink] ?? [];
  const plan = { sink, total: 0, asMetrics: 0, late: 0, tooOld: 0, skippedPending: 0 };
  for (const { minute, shape, readings, pending } of rows) {
    const values = (readings - pending) * valuesOf(shape);
    plan.skippedPending += pending * valuesOf(shape);
    plan.total += values;
    const route = routes.findIndex(({ behindMs }) => minute >= firstMinuteWithin(behindMs, now));
    if (route === 0) plan.asMetrics += values;
    else if (route > 0) plan.late += values;
    else plan.tooOld += values;
  }
  return plan;
}
