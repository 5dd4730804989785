import { join } from 'node:path';
import type BetterSqlite3 from 'better-sqlite3';
import type { ReadingColumns } from '../model/reading-columns.ts';
import type { EpochMs } from '../model/time.ts';
import { systemDiskSpace } from '../platform/disk-space.ts';
import { openBriefWriter, openReader, readFailure } from './file/connection.ts';
import { DATABASE_FILE } from './file/data-dir.ts';
import { lockIsHeld } from './file/lock.ts';
import type { DeadLetter, DeadLetterFilter, HistoryRange, Inspector, ReplayPlan, ReplayRequest } from './inspector.ts';
import type { QueueReport, ReplayReport } from './queue.ts';
import { replayReport } from './tables/replays.ts';
import type { StoredSink } from './tables/sinks.ts';
import { tablesOf, type Tables } from './tables/tables.ts';
import { history } from './work/history.ts';
import { purgeLetters, retryLetters } from './work/letter-decisions.ts';
import { LetterSearch } from './work/letter-search.ts';
import { planReplay, resolveRange } from './work/plan-replay.ts';
import { queueReplay } from './work/queue-replay.ts';
import { reportOf } from './work/report.ts';

/** Looks at the queue of a data directory. Opens nothing before it is asked; never creates or migrates anything. */
export function openInspector(dataDir: string): Inspector {
  return new FileInspector(dataDir);
}

interface Reader {
  readonly db: BetterSqlite3.Database;
  readonly tables: Tables;
}

class FileInspector implements Inspector {
  readonly #dataDir: string;
  readonly #path: string;
  #reader: Reader | null = null;

  constructor(dataDir: string) {
    this.#dataDir = dataDir;
    this.#path = join(dataDir, DATABASE_FILE);
  }

  daemonRunning(): boolean {
    return lockIsHeld(this.#dataDir);
  }

  report(now: EpochMs): QueueReport | null {
    const reader = this.#open();
    if (reader === null) return null;
    try {
      return reportOf(reader.db, reader.tables, { path: this.#path, now, diskSpace: systemDiskSpace, ttlMs: null });
    } catch (error) {
      throw readFailure(error, this.#path);
    }
  }

  *history(range: HistoryRange): Generator<ReadingColumns, void> {
    const reader = this.#open();
    if (reader !== null) yield* history(reader.db, reader.tables, range);
  }

  planReplay(request: ReplayRequest): ReplayPlan {
    const reader = this.#open();
    if (reader === null) return { ...resolveRange(request), sinks: [] };
    return planReplay(reader.db, reader.tables, request, sinksOf(reader.tables, request));
  }

  queueReplay(request: ReplayRequest): ReplayReport[] {
    return this.#write([], (db, tables) => {
      const sinks = sinksOf(tables, request);
      return queueReplay(tables, planReplay(db, tables, request, sinks), sinks, request.device ?? null);
    });
  }

  replay(id: number): ReplayReport | null {
    const reader = this.#open();
    const replay = reader?.tables.replays.get(id) ?? null;
    if (reader === null || replay === null) return null;
    return replayReport(replay, reader.tables.sinks.all().find((sink) => sink.id === replay.sink)?.name ?? '');
  }

  deadLetters(filter: DeadLetterFilter): DeadLetter[] {
    const reader = this.#open();
    return reader === null ? [] : new LetterSearch(reader.db).find(filter);
  }

  countDeadLetters(filter: DeadLetterFilter): { letters: number; values: number } {
    const letters = this.deadLetters(filter);
    return { letters: letters.length, values: letters.reduce((sum, { samples }) => sum + samples.length, 0) };
  }

  retryDeadLetters(filter: DeadLetterFilter): number {
    return this.#write(0, (db, tables) => retryLetters(tables, new LetterSearch(db).find(filter)));
  }

  purgeDeadLetters(filter: DeadLetterFilter): number {
    return this.#write(0, (db, tables) => purgeLetters(tables, new LetterSearch(db).find(filter)));
  }

  close(): void {
    this.#reader?.db.close();
    this.#reader = null;
  }

  #open(): Reader | null {
    if (this.#reader === null) {
      const db = openReader(this.#path);
      if (db !== null) this.#reader = { db, tables: tablesOf(db) };
    }
    return this.#reader;
  }

  #write<T>(nothing: T, work: (db: BetterSqlite3.Database, tables: Tables) => T): T {
    if (this.#open() === null) return nothing;
    const db = openBriefWriter(this.#path);
    try {
      return db.transaction(() => work(db, tablesOf(db))).immediate();
    } finally {
      db.close();
    }
  }
}

/** The sinks a request is about: one by name, or all that are configured. */
function sinksOf({ sinks }: Tables, { sink: name }: ReplayRequest): StoredSink[] {
  return sinks.all().filter((sink) => !sink.removed && (name === undefined || sink.name === name));
}
