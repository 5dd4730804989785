import type Database from 'better-sqlite3';

/** Small JSON documents of the daemon, for `status`. */
export class StateDocuments {
  readonly #put: Database.Statement<[string, string]>;
  readonly #all: Database.Statement<[], { key: string; json: string }>;

  constructor(db: Database.Database) {
    this.#put = db.prepare(
      'INSERT INTO state (key, json) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET json = excluded.json WHERE json <> excluded.json',
    );
    this.#all = db.prepare('SELECT key, json FROM state');
  }

  /** Writes nothing when it is there already. */
  put(key: string, json: string): void {
    this.#put.run(key, json);
  }

  all(): Record<string, unknown> {
    return Object.fromEntries(this.#all.all().map(({ key, json }) => [key, JSON.parse(json) as unknown]));
  }
}
