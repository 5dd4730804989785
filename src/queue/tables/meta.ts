import { randomUUID } from 'node:crypto';
import type Database from 'better-sqlite3';
import type { Salvage } from '../queue.ts';
import type { Run } from '../work/crash-loop.ts';

export interface SalvageJob extends Salvage {
  /**
   * What files that were damaged later counted, less what this one had given them: with this file's own count, all that can
   * be recovered. Null when one of them could not say; missing where there was none.
   */
  readonly countedLater?: number | null;
}

/** How far the salvage has come in the old file. */
export interface SalvageCursor {
  readonly minute: number;
  readonly id: number;
}

/** What the queue knows about itself. */
interface Facts {
  readonly database_id: string;
  /** True between a clean stop and the next opening. */
  readonly clean: boolean;
  /** What the daemon was started with last. */
  readonly settings: { readonly budgetBytes: number; readonly ttlMs: number };
  /** The recent starts, oldest first. */
  readonly runs: readonly Run[];
  readonly salvage: SalvageJob;
  readonly salvage_cursor: SalvageCursor;
}

export class Meta {
  readonly #get: Database.Statement<[string], { json: string }>;
  readonly #set: Database.Statement<[string, string]>;

  constructor(db: Database.Database) {
    this.#get = db.prepare('SELECT json FROM meta WHERE key = ?');
    this.#set = db.prepare(
      'INSERT INTO meta (key, json) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET json = excluded.json',
    );
  }

  get<K extends keyof Facts>(key: K): Facts[K] | null {
    const row = this.#get.get(key);
    return row === undefined ? null : (JSON.parse(row.json) as Facts[K]);
  }

  set<K extends keyof Facts>(key: K, value: Facts[K]): void {
    this.#set.run(key, JSON.stringify(value));
  }

  /** The identity of this file, made at its first opening. */
  databaseId(): string {
    const known = this.get('database_id');
    if (known !== null) return known;
    const id = randomUUID();
    this.set('database_id', id);
    return id;
  }
}
