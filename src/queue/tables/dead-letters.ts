import type Database from 'better-sqlite3';
import type { EpochMs, Minute } from '../../model/time.ts';

export type LetterSamples = readonly (readonly [at: EpochMs, value: number])[];

export interface StoredLetter {
  /** The first of as many ids as it has samples. */
  readonly id: number;
  readonly sink: number;
  readonly minute: Minute;
  readonly device: string;
  readonly quantity: string;
  readonly samples: LetterSamples;
  readonly reason: string;
  readonly refusedAt: EpochMs;
  /** Null: dead. Else its values are pending again, on this route. */
  readonly owedRoute: string | null;
}

interface Row extends Omit<StoredLetter, 'samples'> {
  readonly samples: string;
}

const COLUMNS = `id, sink, minute, device, quantity, samples, reason, refused_at AS refusedAt, owed_route AS owedRoute`;

/** Values a sink refused for good, and those that are pending again without their readings. */
export class DeadLetters {
  readonly #insert: Database.Statement<
    [number, number, Minute, string, string, string, number, string, number, string | null]
  >;
  readonly #owed: Database.Statement<[number, string, Minute, Minute, number], Row>;
  readonly #replace: Database.Statement<[number, string, number, number]>;
  readonly #reroute: Database.Statement<[string, number]>;
  readonly #strayed: Database.Statement<[string, number, string]>;
  readonly #delete: Database.Statement<[number]>;
  readonly #oldestDead: Database.Statement<[number], { id: number }>;

  constructor(db: Database.Database) {
    this.#insert = db.prepare(
      `INSERT INTO dead_letters (id, sink, minute, device, quantity, samples, value_count, reason, refused_at, owed_route)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    this.#owed = db.prepare(
      `SELECT ${COLUMNS} FROM dead_letters WHERE sink = ? AND owed_route = ? AND minute >= ? AND minute < ?
       ORDER BY minute, id LIMIT ?`,
    );
    this.#replace = db.prepare('UPDATE dead_letters SET id = ?, samples = ?, value_count = ? WHERE id = ?');
    this.#reroute = db.prepare('UPDATE dead_letters SET owed_route = ? WHERE id = ?');
    this.#strayed = db.prepare(
      'UPDATE dead_letters SET owed_route = ? WHERE sink = ? AND owed_route IS NOT NULL AND owed_route NOT IN (SELECT value FROM json_each(?))',
    );
    this.#delete = db.prepare('DELETE FROM dead_letters WHERE id = ?');
    this.#oldestDead = db.prepare('SELECT id FROM dead_letters WHERE owed_route IS NULL ORDER BY id LIMIT ?');
  }

  insert(letter: StoredLetter): void {
    const { id, sink, minute, device, quantity, samples, reason, refusedAt, owedRoute } = letter;
    const json = JSON.stringify(samples);
    this.#insert.run(id, sink, minute, device, quantity, json, samples.length, reason, refusedAt, owedRoute);
  }

  /** Letters pending on a route with `from <= minute < before`, oldest minute first. */
  owed(sink: number, route: string, from: Minute, before: Minute, limit: number): StoredLetter[] {
    return this.#owed.all(sink, route, from, before, limit).map(parse);
  }

  /** Takes its first `count` samples out; deletes it with the last one. */
  shorten(letter: Pick<StoredLetter, 'id' | 'samples'>, count: number): void {
    const rest = letter.samples.slice(count);
    if (rest.length === 0) this.#delete.run(letter.id);
    else this.#replace.run(letter.id + count, JSON.stringify(rest), rest.length, letter.id);
  }

  reroute(id: number, route: string): void {
    this.#reroute.run(route, id);
  }

  delete(id: number): void {
    this.#delete.run(id);
  }

  adoptStrays(sink: number, routes: readonly string[]): void {
    this.#strayed.run(routes[0] ?? '', sink, JSON.stringify(routes));
  }

  /** Ids of the letters that have been dead for longest. */
  oldestDead(limit: number): number[] {
    return this.#oldestDead.all(limit).map(({ id }) => id);
  }
}

function parse(row: Row): StoredLetter {
  return { ...row, samples: JSON.parse(row.samples) as LetterSamples };
}
