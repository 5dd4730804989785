import { existsSync, rmSync, statSync } from 'node:fs';
import BetterSqlite3 from 'better-sqlite3';
import { restoreHeader } from '../file/restore-header.ts';
import { takeIds } from '../tables/ids.ts';
import type { SalvageJob } from '../tables/meta.ts';
import { FIRST_MINUTE } from '../tables/reading-key.ts';
import { TIME_FIXED, TIME_UNKNOWN } from '../tables/readings.ts';
import { readNames, type Names } from './damaged-names.ts';
import { DamagedReadings, isWhole, type DamagedRow } from './damaged-readings.ts';
import { firstRoute } from './known-sinks.ts';
import { isUnreadable, readableRows } from './readable-rows.ts';
import type { Store } from './store.ts';
import { olderFile, unfinishedSalvage, type UnfinishedSalvage } from './unfinished-salvage.ts';

const CHUNK = 500;
const START = { minute: FIRST_MINUTE, id: 0 };
/** The boot that stands for all confirmed ones of a salvaged file. */
const SALVAGED_BOOT = 'salvaged';

/**
 * Takes over the readings of a damaged file, as pending, and then those of an older one whose salvage its damage had cut short;
 * goes on where it stopped. Yields between transactions.
 */
export function* salvage(store: Store, thisBoot: string): Generator<void, void> {
  const { meta } = store.database.tables;
  for (let job = meta.get('salvage'); job !== null && !job.done; job = meta.get('salvage')) {
    yield* takeOver(store, job, thisBoot);
  }
}

/** Leaves the job done, or the next one in its place. */
function* takeOver(store: Store, job: SalvageJob, thisBoot: string): Generator<void, void> {
  const { meta } = store.database.tables;
  if (!existsSync(job.movedTo)) {
    // Somebody has given it up.
    store.database.commit(() => meta.set('salvage', { ...job, done: true }));
    return;
  }
  restoreHeader(job.movedTo);
  const old = new BetterSqlite3(job.movedTo, { readonly: true });
  let stored: number | null = null;
  let unfinished: UnfinishedSalvage | null = null;
  try {
    const readings = readingsOf(old);
    stored = countStored(old);
    unfinished = unfinishedSalvage(old);
    if (readings !== null) yield* copy(store, readings, readNames(old), thisBoot);
  } finally {
    old.close();
    tidy(job.movedTo);
  }
  const { readingsRecovered } = meta.get('salvage') ?? job;
  const counted = stored === null || job.countedLater === null ? null : stored + (job.countedLater ?? 0);
  store.database.commit(() => {
    if (unfinished === null) {
      const readingsLost = counted === null ? null : Math.max(0, counted - readingsRecovered);
      meta.set('salvage', { ...job, readingsRecovered, readingsLost, done: true });
      return;
    }
    meta.set('salvage', { ...job, ...olderFile(unfinished, counted), readingsRecovered });
    meta.set('salvage_cursor', unfinished.cursor ?? START);
  });
}

/** What SQLite made beside the old file in order to read it. */
function tidy(file: string): void {
  rmSync(`${file}-shm`, { force: true });
  if (statSync(`${file}-wal`, { throwIfNoEntry: false })?.size === 0) rmSync(`${file}-wal`);
}

/** As many as the old file counted; null when not even that can be read. */
function countStored(old: BetterSqlite3.Database): number | null {
  const sql = "SELECT owner, name, value FROM counters WHERE owner = 'queue' AND name = 'stored'";
  return readableRows<{ value: number }>(old, sql)[0]?.value ?? null;
}

/** What fails here is the new database: the old one's damage is read around. */
function* copy(store: Store, readings: DamagedReadings, names: Names, thisBoot: string): Generator<void, void> {
  const { meta } = store.database.tables;
  for (;;) {
    const rows = readings.after(meta.get('salvage_cursor') ?? START, CHUNK);
    const last = rows.at(-1);
    if (last === undefined) return;
    store.database.commitReadings(() => {
      const recovered = rows.filter((row) => insert(store, row, names, thisBoot)).length;
      const job = meta.get('salvage');
      if (job !== null) meta.set('salvage', { ...job, readingsRecovered: job.readingsRecovered + recovered });
      meta.set('salvage_cursor', { minute: last.minute, id: last.id });
    });
    yield;
  }
}

/** Null when not even the schema can be read. */
function readingsOf(old: BetterSqlite3.Database): DamagedReadings | null {
  try {
    // Else SQLite reads nothing of a file that was cut short.
    old.unsafeMode();
    old.pragma('writable_schema = ON');
    return new DamagedReadings(old);
  } catch (error) {
    if (!isUnreadable(error)) throw error;
    return null;
  }
}

/** False when it cannot be told what was measured. */
function insert(store: Store, row: DamagedRow, names: Names, thisBoot: string): boolean {
  const { readings, origins, shapes, boots, counters, owed } = store.database.tables;
  const origin = names.origins.get(row.origin);
  const shape = names.shapes.get(row.shape);
  const boot = names.boots.get(row.boot);
  if (origin === undefined || shape === undefined || !isWhole(row)) return false;

  const ofThisBoot = boot?.uuid === thisBoot;
  // What this boot's clock turned out to be is not applied to readings that come after its confirmation.
  const provisional = ofThisBoot && !boot.confirmed && !store.boot.confirmed;
  const known = boot?.confirmed === true || provisional || (row.flags & TIME_FIXED) !== 0;
  const flags = known ? row.flags : row.flags | TIME_UNKNOWN;
  const unknown = (flags & TIME_UNKNOWN) !== 0;
  const { minute } = row;
  const id = takeIds(counters, 1);
  const bootRow = provisional
    ? store.boot
    : (boots.all().find(({ uuid }) => uuid === SALVAGED_BOOT) ?? boots.insert(SALVAGED_BOOT, true));
  readings.insert({ ...row, id, origin: origins.idOf(origin), shape: shapes.idOf(shape), boot: bootRow.id, flags });
  if (provisional && !unknown) store.boot.mark(minute);
  counters.add('queue', 'stored', 1);
  for (const sink of store.sinks.active) {
    counters.add(`sink:${sink.name}`, 'accepted', shape.length);
    if (unknown) counters.add(`sink:${sink.name}`, 'expired', shape.length);
    else
      owed.owe({ sink: sink.id, minute, route: firstRoute(sink), through: id - 1, readings: 1, values: shape.length });
  }
  return true;
}
