import type BetterSqlite3 from 'better-sqlite3';
import type { Minute } from '../../model/time.ts';
import { firstKeyOf, idOfKey } from '../tables/reading-key.ts';
import { TIME_UNKNOWN } from '../tables/readings.ts';

interface Amount {
  readonly readings: number;
  readonly values: number;
}

const NOTHING: Amount = { readings: 0, values: 0 };
const ID = idOfKey('r.key');

/** What is pending, always summed from the rows of what is owed and of letters that are pending again; and what is dead. */
export class Pending {
  readonly #total: BetterSqlite3.Statement<[], Amount>;
  readonly #shared: BetterSqlite3.Statement<[], Amount & { minute: Minute }>;
  readonly #ofAny: BetterSqlite3.Statement<[{ readonly 1: Minute }], Amount>;
  readonly #oldest: BetterSqlite3.Statement<[], { minute: Minute | null }>;
  readonly #byRoute: BetterSqlite3.Statement<[number, number], { route: string; values: number }>;
  readonly #before: BetterSqlite3.Statement<[number, Minute, number, Minute], { values: number }>;

  readonly #dead: BetterSqlite3.Statement<[number], { values: number }>;

  constructor(db: BetterSqlite3.Database) {
    // Of one minute the sinks are owed the readings above some id each: the largest of these holds the others, save for parts.
    this.#total = db.prepare(
      `SELECT coalesce(sum(readings), 0) AS readings, coalesce(sum("values"), 0) AS "values" FROM (
         SELECT max(reading_count) AS readings, max(value_count) AS "values" FROM owed GROUP BY minute
         UNION ALL SELECT value_count, value_count FROM dead_letters WHERE owed_route IS NOT NULL)`,
    );
    this.#shared = db.prepare(
      `SELECT o.minute, max(o.reading_count) AS readings, max(o.value_count) AS "values"
       FROM (SELECT DISTINCT minute FROM owed_parts) AS p CROSS JOIN sinks AS s CROSS JOIN owed AS o
         ON o.sink = s.id AND o.minute = p.minute
       GROUP BY o.minute HAVING count(*) > 1`,
    );
    this.#ofAny = db.prepare(
      `SELECT count(*) AS readings, coalesce(sum(json_array_length(h.quantities)), 0) AS "values"
       FROM readings AS r JOIN shapes AS h ON h.id = r.shape
       WHERE r.key >= ${firstKeyOf('?1')} AND r.key < ${firstKeyOf('(?1 + 1)')} AND r.flags & ${TIME_UNKNOWN} = 0 AND EXISTS (
         SELECT 1 FROM sinks AS s CROSS JOIN owed AS o ON o.sink = s.id AND o.minute = ?1
           LEFT JOIN owed_parts AS p ON p.sink = o.sink AND p.minute = o.minute
         WHERE ${ID} > o.through AND (${ID} > coalesce(p.upto, 0) OR (r.origin, ${ID}) > (p.origin, p.id)))`,
    );
    this.#oldest = db.prepare(
      `SELECT min(minute) AS minute FROM (
         SELECT (SELECT min(minute) FROM owed WHERE sink = s.id) AS minute FROM sinks AS s
         UNION ALL SELECT min(minute) FROM dead_letters WHERE owed_route IS NOT NULL)`,
    );
    this.#byRoute = db.prepare(
      `SELECT route, sum("values") AS "values" FROM (
         SELECT route, value_count AS "values" FROM owed WHERE sink = ?
         UNION ALL SELECT owed_route, value_count FROM dead_letters WHERE sink = ? AND owed_route IS NOT NULL)
       GROUP BY route`,
    );
    this.#dead = db.prepare(
      'SELECT coalesce(sum(value_count), 0) AS "values" FROM dead_letters WHERE sink = ? AND owed_route IS NULL',
    );
    this.#before = db.prepare(
      `SELECT coalesce(sum("values"), 0) AS "values" FROM (
         SELECT value_count AS "values" FROM owed WHERE sink = ? AND minute < ?
         UNION ALL SELECT value_count FROM dead_letters WHERE sink = ? AND minute < ? AND owed_route IS NOT NULL)`,
    );
  }

  /** Owed to at least one sink. */
  total(): { pendingReadings: number; pendingValues: number } {
    let { readings, values } = this.#total.get() ?? NOTHING;
    // Which readings two sinks are both owed of a minute that goes in parts, only the readings can tell.
    for (const { minute, ...largest } of this.#shared.all()) {
      const any = this.#ofAny.get({ 1: minute }) ?? NOTHING;
      readings += any.readings - largest.readings;
      values += any.values - largest.values;
    }
    return { pendingReadings: readings, pendingValues: values };
  }

  /** The oldest pending minute. */
  oldest(): Minute | null {
    return this.#oldest.get()?.minute ?? null;
  }

  /** Values a sink is owed, by route. */
  byRoute(sink: number): Map<string, number> {
    return new Map(this.#byRoute.all(sink, sink).map(({ route, values }) => [route, values]));
  }

  /** Values of a sink's dead letters that are not pending again. */
  dead(sink: number): number {
    return this.#dead.get(sink)?.values ?? 0;
  }

  /** Values a sink is owed of the minutes before this one. */
  before(sink: number, minute: Minute): number {
    return this.#before.get(sink, minute, sink, minute)?.values ?? 0;
  }
}
