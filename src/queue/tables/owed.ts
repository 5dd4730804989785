import type Database from 'better-sqlite3';
import type { Minute } from '../../model/time.ts';

/** What a sink is owed of one minute. */
export interface OwedMinute {
  readonly sink: number;
  readonly minute: Minute;
  readonly route: string;
  readonly through: number;
  readonly readings: number;
  readonly values: number;
}

const COLUMNS = 'sink, minute, route, through, reading_count AS readings, value_count AS "values"';

/** A row exists only while something is owed. */
export class Owed {
  readonly #owe: Database.Statement<[number, Minute, string, number, number, number]>;
  readonly #get: Database.Statement<[number, Minute], OwedMinute>;
  readonly #put: Database.Statement<[number, Minute, string, number, number, number]>;
  readonly #reroute: Database.Statement<[string, number, Minute]>;
  readonly #delete: Database.Statement<[number, Minute]>;
  readonly #newest: Database.Statement<[number, Minute, Minute, string, number], OwedMinute>;
  readonly #oldest: Database.Statement<[number, Minute, Minute, string, number], OwedMinute>;
  readonly #strayed: Database.Statement<[string, number, string]>;

  constructor(db: Database.Database) {
    const insert =
      'INSERT INTO owed (sink, minute, route, through, reading_count, value_count) VALUES (?, ?, ?, ?, ?, ?)';
    const between = `SELECT ${COLUMNS} FROM owed WHERE sink = ? AND minute >= ? AND minute < ? AND route = ? ORDER BY minute`;
    this.#owe = db.prepare(`${insert} ON CONFLICT (sink, minute) DO UPDATE SET
      through = min(through, excluded.through),
      reading_count = reading_count + excluded.reading_count, value_count = value_count + excluded.value_count`);
    this.#put = db.prepare(`${insert} ON CONFLICT (sink, minute) DO UPDATE SET route = excluded.route,
      through = excluded.through, reading_count = excluded.reading_count, value_count = excluded.value_count`);
    this.#get = db.prepare(`SELECT ${COLUMNS} FROM owed WHERE sink = ? AND minute = ?`);
    this.#reroute = db.prepare('UPDATE owed SET route = ? WHERE sink = ? AND minute = ?');
    this.#delete = db.prepare('DELETE FROM owed WHERE sink = ? AND minute = ?');
    this.#newest = db.prepare(`${between} DESC LIMIT ?`);
    this.#oldest = db.prepare(`${between} LIMIT ?`);
    this.#strayed = db.prepare(
      'UPDATE owed SET route = ? WHERE sink = ? AND route NOT IN (SELECT value FROM json_each(?))',
    );
  }

  /** Adds readings above `through`. The route is that of a row that exists already. */
  owe({ sink, minute, route, through, readings, values }: OwedMinute): void {
    this.#owe.run(sink, minute, route, through, readings, values);
  }

  get(sink: number, minute: Minute): OwedMinute | null {
    return this.#get.get(sink, minute) ?? null;
  }

  /** Replaces a row; deletes it when nothing is owed any more. */
  put({ sink, minute, route, through, readings, values }: OwedMinute): void {
    if (readings > 0) this.#put.run(sink, minute, route, through, readings, values);
    else this.#delete.run(sink, minute);
  }

  reroute(sink: number, minute: Minute, route: string): void {
    this.#reroute.run(route, sink, minute);
  }

  delete(sink: number, minute: Minute): void {
    this.#delete.run(sink, minute);
  }

  /** Rows of a route with `from <= minute < before`, newest first. */
  newest(sink: number, from: Minute, before: Minute, route: string, limit: number): OwedMinute[] {
    return this.#newest.all(sink, from, before, route, limit);
  }

  /** The same, oldest first. */
  oldest(sink: number, from: Minute, before: Minute, route: string, limit: number): OwedMinute[] {
    return this.#oldest.all(sink, from, before, route, limit);
  }

  /** Gives rows on a route the sink has no more to its first one. */
  adoptStrays(sink: number, routes: readonly string[]): void {
    this.#strayed.run(routes[0] ?? '', sink, JSON.stringify(routes));
  }
}
