import type BetterSqlite3 from 'better-sqlite3';
import { numberOf } from './scene.ts';

/** What lies in a database, read from the rows themselves. */
export interface Stored {
  readonly readings: ReadonlyMap<number, { readonly owed: boolean; readonly data: Buffer }>;
  readonly letters: ReadonlyMap<number, 'dead' | 'pending'>;
  /** Values owed: of readings and of letters. */
  readonly pendingValues: number;
  /** By how much the rows of what is owed say something else than the readings they stand for. */
  readonly miscounted: number;
  /** The newest replay that was asked for. */
  readonly replays: number;
}

interface OwedMinute {
  readonly through: number;
  readings: number;
  values: number;
}

type ReadingRow = readonly [minute: number, id: number, at: number, flags: number, values: number, data: Buffer];

/** There is one sink. */
export function readStored(db: BetterSqlite3.Database): Stored {
  const owed = new Map<number, OwedMinute>();
  for (const [minute, through, readings, values] of rows<readonly [number, number, number, number]>(
    db,
    'SELECT minute, through, reading_count, value_count FROM owed',
  )) {
    owed.set(minute, { through, readings, values });
  }
  const readings = new Map<number, { owed: boolean; data: Buffer }>();
  let pendingValues = 0;
  for (const [minute, id, at, flags, values, data] of rows<ReadingRow>(
    db,
    `SELECT key >> 37, key & 137438953471, at, flags, json_array_length(quantities), data
     FROM readings JOIN shapes ON shapes.id = shape`,
  )) {
    const of = owed.get(minute);
    const isOwed = of !== undefined && id > of.through && (flags & 1) === 0;
    readings.set(numberOf(at), { owed: isOwed, data });
    if (!isOwed) continue;
    of.readings--;
    of.values -= values;
    pendingValues += values;
  }
  const miscounted = [...owed.values()].reduce((sum, rest) => sum + Math.abs(rest.readings) + Math.abs(rest.values), 0);
  const letters = new Map<number, 'dead' | 'pending'>();
  for (const [samples, route] of rows<readonly [string, string | null]>(
    db,
    'SELECT samples, owed_route FROM dead_letters',
  )) {
    const times = (JSON.parse(samples) as [number, number][]).map(([at]) => at);
    for (const at of times) letters.set(numberOf(at), route === null ? 'dead' : 'pending');
    if (route !== null) pendingValues += times.length;
  }
  const [[replays] = [0]] = rows<readonly [number]>(db, 'SELECT coalesce(max(id), 0) FROM replays');
  return { readings, letters, pendingValues, miscounted, replays };
}

function rows<Row extends readonly unknown[]>(db: BetterSqlite3.Database, sql: string): Row[] {
  return db.prepare(sql).raw().all() as Row[];
}
