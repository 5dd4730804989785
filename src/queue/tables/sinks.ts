import type Database from 'better-sqlite3';
import type { DurationMs } from '../../model/time.ts';
import type { SinkRegistration } from '../queue.ts';

export interface RouteWindow {
  readonly name: string;
  /** Infinity: it takes everything. */
  readonly behindMs: DurationMs;
}

export interface StoredSink {
  readonly id: number;
  readonly name: string;
  readonly type: string;
  readonly removed: boolean;
  /** In order of preference; at least one. */
  readonly routes: readonly RouteWindow[];
}

interface Row {
  readonly id: number;
  readonly name: string;
  readonly type: string;
  readonly removed: number;
  readonly routes: string;
}

export class Sinks {
  readonly #select: Database.Statement<[], Row>;
  readonly #insert: Database.Statement<[string, string, string]>;
  readonly #update: Database.Statement<[string, string, number]>;
  readonly #remove: Database.Statement<[number]>;

  constructor(db: Database.Database) {
    this.#select = db.prepare('SELECT id, name, type, removed, routes FROM sinks ORDER BY id');
    this.#insert = db.prepare('INSERT INTO sinks (name, type, removed, routes) VALUES (?, ?, 0, ?)');
    this.#update = db.prepare('UPDATE sinks SET type = ?, removed = 0, routes = ? WHERE id = ?');
    this.#remove = db.prepare('UPDATE sinks SET removed = 1 WHERE id = ?');
  }

  all(): StoredSink[] {
    return this.#select.all().map((row) => ({ ...row, removed: row.removed === 1, routes: parseRoutes(row.routes) }));
  }

  insert(sink: SinkRegistration): number {
    return Number(this.#insert.run(sink.name, sink.type, JSON.stringify(sink.routes)).lastInsertRowid);
  }

  update(id: number, sink: SinkRegistration): void {
    this.#update.run(sink.type, JSON.stringify(sink.routes), id);
  }

  remove(id: number): void {
    this.#remove.run(id);
  }
}

/** JSON has no Infinity; it is written as null. */
function parseRoutes(json: string): RouteWindow[] {
  const routes = JSON.parse(json) as { name: string; behindMs: number | null }[];
  return routes.map(({ name, behindMs }) => ({ name, behindMs: behindMs ?? Number.POSITIVE_INFINITY }));
}
