import type Database from 'better-sqlite3';
import type { Refusal } from '../queue.ts';

/** The last refusal of each source; its counts are with all counts. */
export class Sources {
  readonly #touch: Database.Statement<[string]>;
  readonly #refuse: Database.Statement<[string, string]>;
  readonly #all: Database.Statement<[], { name: string; refusal: string | null }>;

  constructor(db: Database.Database) {
    this.#touch = db.prepare('INSERT INTO sources (name, refusal) VALUES (?, NULL) ON CONFLICT (name) DO NOTHING');
    this.#refuse = db.prepare(
      'INSERT INTO sources (name, refusal) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET refusal = excluded.refusal',
    );
    this.#all = db.prepare('SELECT name, refusal FROM sources ORDER BY name');
  }

  touch(name: string): void {
    this.#touch.run(name);
  }

  refuse(name: string, refusal: Refusal): void {
    this.#refuse.run(name, JSON.stringify(refusal));
  }

  all(): { readonly name: string; readonly lastRefusal: Refusal | null }[] {
    return this.#all
      .all()
      .map(({ name, refusal }) => ({ name, lastRefusal: refusal === null ? null : (JSON.parse(refusal) as Refusal) }));
  }
}
