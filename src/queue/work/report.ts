import { statSync } from 'node:fs';
import type BetterSqlite3 from 'better-sqlite3';
import { MINUTE, startOf, type DurationMs, type EpochMs, type Minute } from '../../model/time.ts';
import type { DiskSpace } from '../../platform/disk-space.ts';
import { storageTrouble } from '../file/storage-note.ts';
import type { IntakeCounts, QueueReport, SinkReport, SourceReport } from '../queue.ts';
import type { Owner } from '../tables/counters.ts';
import { replayReport } from '../tables/replays.ts';
import type { StoredSink } from '../tables/sinks.ts';
import type { Tables } from '../tables/tables.ts';
import { Pending } from './pending.ts';
import { firstMinuteWithin, longestWindow } from './windows.ts';

export interface ReportOptions {
  readonly path: string;
  readonly now: EpochMs;
  readonly diskSpace: DiskSpace;
  /** Null: what the daemon was started with last. */
  readonly ttlMs: DurationMs | null;
}

const NOTHING: ReadonlyMap<string, number> = new Map();

/** The queue in numbers: from counts and from what is owed, never from the readings, so it takes no longer on a full queue. */
export function reportOf(db: BetterSqlite3.Database, tables: Tables, options: ReportOptions): QueueReport {
  return db.transaction(() => readReport(db, tables, options)).deferred();
}

function readReport(
  db: BetterSqlite3.Database,
  tables: Tables,
  { path, now, diskSpace, ttlMs }: ReportOptions,
): QueueReport {
  const counts = tables.counters.all();
  const queue = counts.get('queue') ?? NOTHING;
  const pending = new Pending(db);
  const sinks = tables.sinks.all();
  const names = new Map(sinks.map(({ id, name }) => [id, name]));
  const sources = tables.sources.all().map(({ name, lastRefusal }): SourceReport => {
    const own = counts.get(`source:${name}`) ?? NOTHING;
    return { ...intakeCounts(own), name, lastReadingAt: own.get('lastReadingAt') ?? null, lastRefusal };
  });
  const settings = tables.meta.get('settings');
  const ttl = ttlMs ?? settings?.ttlMs ?? Number.POSITIVE_INFINITY;
  return {
    path,
    databaseId: tables.meta.get('database_id') ?? '',
    ...pending.total(),
    oldestPendingAt: oldestAt(tables, sinks, pending.oldest()),
    storedReadings: queue.get('stored') ?? 0,
    sizeBytes: bytesOf(path) + bytesOf(`${path}-wal`),
    budgetBytes: settings?.budgetBytes ?? 0,
    diskFreeBytes: diskSpace(path).freeBytes,
    lastCommitAt: queue.get('last_commit_at') ?? null,
    intake: sum(sources),
    sources,
    sinks: sinks.map((sink) => sinkReport(sink, counts, pending, ttl, now)),
    replays: tables.replays.recent().map((replay) => replayReport(replay, names.get(replay.sink) ?? '')),
    state: tables.state.all(),
    salvaged: tables.meta.get('salvage'),
    storage: storageTrouble(path),
    lastEvictionAt: queue.get('last_eviction_at') ?? null,
  };
}

function sinkReport(
  sink: StoredSink,
  counts: ReadonlyMap<Owner, ReadonlyMap<string, number>>,
  pending: Pending,
  ttlMs: DurationMs,
  now: EpochMs,
): SinkReport {
  const { id, name, type, removed } = sink;
  const own = counts.get(`sink:${name}`) ?? NOTHING;
  const byRoute = pending.byRoute(id);
  const window = removed ? ttlMs : longestWindow(sink, ttlMs);
  const lostWithin = (minutes: number): number => pending.before(id, firstMinuteWithin(window, now + minutes * MINUTE));
  return {
    name,
    type,
    removed,
    ledger: {
      accepted: own.get('accepted') ?? 0,
      delivered: own.get('delivered') ?? 0,
      late: own.get('late') ?? 0,
      pending: [...byRoute.values()].reduce((total, values) => total + values, 0),
      expired: own.get('expired') ?? 0,
      evicted: own.get('evicted') ?? 0,
      deadLettered: own.get('deadLettered') ?? 0,
    },
    deadValues: pending.dead(id),
    routes: sink.routes.map((route) => ({ name: route.name, pendingValues: byRoute.get(route.name) ?? 0 })),
    expiringWithinMinutes: { 10: lostWithin(10), 60: lostWithin(60) },
  };
}

/** When the first stored of the readings was measured that are owed of the oldest minute. */
function oldestAt({ readings, owed }: Tables, sinks: readonly StoredSink[], oldest: Minute | null): EpochMs | null {
  if (oldest === null) return null;
  let [firstId, at] = [Infinity, startOf(oldest)];
  for (const { id: sink } of sinks) {
    const row = owed.get(sink, oldest);
    const [first] = row === null ? [] : readings.owed(row, 0, 1);
    if (first !== undefined && first[0] < firstId) [firstId, , , at] = first;
  }
  return at;
}

function intakeCounts(counts: ReadonlyMap<string, number>): IntakeCounts {
  const count = (name: keyof IntakeCounts): number => counts.get(name) ?? 0;
  return {
    messages: count('messages'),
    used: count('used'),
    duplicates: count('duplicates'),
    refused: count('refused'),
    ignored: count('ignored'),
    refusedFields: count('refusedFields'),
    readings: count('readings'),
    values: count('values'),
  };
}

function sum(sources: readonly SourceReport[]): IntakeCounts {
  const total = new Map<string, number>();
  for (const source of sources) {
    for (const [name, value] of Object.entries(intakeCounts(new Map(Object.entries(source) as [string, number][])))) {
      total.set(name, (total.get(name) ?? 0) + Number(value));
    }
  }
  return intakeCounts(total);
}

function bytesOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
