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
  readonly part: OwedPart | null;
}

/**
 * What else is settled of a minute too large for one batch: of the readings with an id up to `upto`, those that come no later
 * than (origin, id), by origin and then by id.
 */
export interface OwedPart {
  readonly upto: number;
  readonly origin: number;
  readonly id: number;
}

interface Row extends Omit<OwedMinute, 'part'> {
  readonly upto: number | null;
  readonly partOrigin: number;
  readonly partId: number;
}

const ROWS = `SELECT o.sink, o.minute, o.route, o.through, o.reading_count AS readings, o.value_count AS "values",
    p.upto, p.origin AS partOrigin, p.id AS partId
  FROM owed AS o LEFT JOIN owed_parts AS p ON p.sink = o.sink AND p.minute = o.minute`;

/** A row exists only while something is owed. */
export class Owed {
  readonly #owe: Database.Statement<[number, Minute, string, number, number, number]>;
  readonly #get: Database.Statement<[number, Minute], Row>;
  readonly #put: Database.Statement<[number, Minute, string, number, number, number]>;
  readonly #putPart: Database.Statement<[number, Minute, number, number, number]>;
  readonly #reroute: Database.Statement<[string, number, Minute]>;
  readonly #delete: Database.Statement<[number, Minute]>;
  readonly #deletePart: Database.Statement<[number, Minute]>;
  readonly #newest: Database.Statement<[number, Minute, Minute, string, number], Row>;
  readonly #oldest: Database.Statement<[number, Minute, Minute, string, number], Row>;
  readonly #strayed: Database.Statement<[string, number, string]>;

  constructor(db: Database.Database) {
    const insert =
      'INSERT INTO owed (sink, minute, route, through, reading_count, value_count) VALUES (?, ?, ?, ?, ?, ?)';
    const between = `${ROWS} WHERE o.sink = ? AND o.minute >= ? AND o.minute < ? AND o.route = ? ORDER BY o.minute`;
    this.#owe = db.prepare(`${insert} ON CONFLICT (sink, minute) DO UPDATE SET
      through = min(through, excluded.through),
      reading_count = reading_count + excluded.reading_count, value_count = value_count + excluded.value_count`);
    this.#put = db.prepare(`${insert} ON CONFLICT (sink, minute) DO UPDATE SET route = excluded.route,
      through = excluded.through, reading_count = excluded.reading_count, value_count = excluded.value_count`);
    this.#putPart = db.prepare(`INSERT INTO owed_parts (sink, minute, upto, origin, id) VALUES (?, ?, ?, ?, ?)
      ON CONFLICT (sink, minute) DO UPDATE SET upto = excluded.upto, origin = excluded.origin, id = excluded.id`);
    this.#get = db.prepare(`${ROWS} WHERE o.sink = ? AND o.minute = ?`);
    this.#reroute = db.prepare('UPDATE owed SET route = ? WHERE sink = ? AND minute = ?');
    this.#delete = db.prepare('DELETE FROM owed WHERE sink = ? AND minute = ?');
    this.#deletePart = db.prepare('DELETE FROM owed_parts WHERE sink = ? AND minute = ?');
    this.#newest = db.prepare(`${between} DESC LIMIT ?`);
    this.#oldest = db.prepare(`${between} LIMIT ?`);
    this.#strayed = db.prepare(
      'UPDATE owed SET route = ? WHERE sink = ? AND route NOT IN (SELECT value FROM json_each(?))',
    );
  }

  /** Adds readings above `through`. The route is that of a row that exists already. */
  owe({ sink, minute, route, through, readings, values }: Omit<OwedMinute, 'part'>): void {
    this.#owe.run(sink, minute, route, through, readings, values);
  }

  get(sink: number, minute: Minute): OwedMinute | null {
    const row = this.#get.get(sink, minute);
    return row === undefined ? null : owedMinute(row);
  }

  /** Replaces a row; deletes it when nothing is owed any more. Its part stays as it is while there is a row. */
  put({ sink, minute, route, through, readings, values, part }: OwedMinute): void {
    if (readings > 0) this.#put.run(sink, minute, route, through, readings, values);
    else {
      this.#delete.run(sink, minute);
      if (part !== null) this.#deletePart.run(sink, minute);
    }
  }

  /** Replaces the part of a row that exists. */
  putPart(sink: number, minute: Minute, part: OwedPart | null): void {
    if (part === null) this.#deletePart.run(sink, minute);
    else this.#putPart.run(sink, minute, part.upto, part.origin, part.id);
  }

  reroute(sink: number, minute: Minute, route: string): void {
    this.#reroute.run(route, sink, minute);
  }

  delete(sink: number, minute: Minute): void {
    this.#delete.run(sink, minute);
    this.#deletePart.run(sink, minute);
  }

  /** Rows of a route with `from <= minute < before`, newest first. */
  newest(sink: number, from: Minute, before: Minute, route: string, limit: number): OwedMinute[] {
    return this.#newest.all(sink, from, before, route, limit).map(owedMinute);
  }

  /** The same, oldest first. */
  oldest(sink: number, from: Minute, before: Minute, route: string, limit: number): OwedMinute[] {
    return this.#oldest.all(sink, from, before, route, limit).map(owedMinute);
  }

  /** Gives rows on a route the sink has no more to its first one. */
  adoptStrays(sink: number, routes: readonly string[]): void {
    this.#strayed.run(routes[0] ?? '', sink, JSON.stringify(routes));
  }
}

/** Pure: whether a reading of the minute, of known time, is owed. */
export function isOwed(
  { through, part }: Pick<OwedMinute, 'through' | 'part'>,
  { id, origin }: { readonly id: number; readonly origin: number },
): boolean {
  if (id <= through) return false;
  return part === null || id > part.upto || origin > part.origin || (origin === part.origin && id > part.id);
}

function owedMinute({ upto, partOrigin: origin, partId: id, ...row }: Row): OwedMinute {
  return { ...row, part: upto === null ? null : { upto, origin, id } };
}
