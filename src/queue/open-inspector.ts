import { join } from 'node:path';
import type BetterSqlite3 from 'better-sqlite3';
import type { ReadingColumns } from '../model/reading-columns.ts';
import type { EpochMs } from '../model/time.ts';
import { systemDiskSpace } from '../platform/disk-space.ts';
import { fileFailure, openBriefWriter, openReader } from './file/connection.ts';
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
    return this.#read(null, ({ db, tables }) =>
      reportOf(db, tables, { path: this.#path, now, diskSpace: systemDiskSpace, ttlMs: null }),
    );
  }

  *history(range: HistoryRange): Generator<ReadingColumns, void> {
    try {
      const reader = this.#open();
      if (reader !== null) yield* history(reader.db, reader.tables, range);
    } catch (error) {
      throw fileFailure(error, this.#path, 'read');
    }
  }

  devices(): string[] {
    return this.#read<string[]>([], ({ tables }) => tables.origins.devices());
  }

  planReplay(request: ReplayRequest): ReplayPlan {
    return this.#read({ ...resolveRange(request), sinks: [] }, ({ db, tables }) =>
      planReplay(db, tables, request, sinksOf(tables, request)),
    );
  }

  queueReplay(request: ReplayRequest): ReplayReport[] {
    return this.#write([], (db, tables) => {
      const sinks = sinksOf(tables, request);
      return queueReplay(tables, planReplay(db, tables, request, sinks), sinks, request.device ?? null);
    });
  }

  replay(id: number): ReplayReport | null {
    return this.#read(null, ({ tables }) => {
      const replay = tables.replays.get(id);
      if (replay === null) return null;
      return replayReport(replay, tables.sinks.all().find((sink) => sink.id === replay.sink)?.name ?? '');
    });
  }

  deadLetters(filter: DeadLetterFilter): DeadLetter[] {
    return this.#read<DeadLetter[]>([], ({ db }) => new LetterSearch(db).find(filter));
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

  #read<T>(nothing: T, look: (reader: Reader) => T): T {
    try {
      const reader = this.#open();
      return reader === null ? nothing : look(reader);
    } catch (error) {
      throw fileFailure(error, this.#path, 'read');
    }
  }

  #write<T>(nothing: T, work: (db: BetterSqlite3.Database, tables: Tables) => T): T {
    return this.#read(nothing, () => {
      try {
        return this.#transact(work);
      } catch (error) {
        throw fileFailure(error, this.#path, 'write');
      }
    });
  }

  #transact<T>(work: (db: BetterSqlite3.Database, tables: Tables) => T): T {
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
