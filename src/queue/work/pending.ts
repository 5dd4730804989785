import type BetterSqlite3 from 'better-sqlite3';
import type { Minute } from '../../model/time.ts';

/** What is pending, always summed from the rows of what is owed and of letters that are pending again; and what is dead. */
export class Pending {
  readonly #total: BetterSqlite3.Statement<[], { readings: number; values: number }>;
  readonly #oldest: BetterSqlite3.Statement<[], { minute: Minute; through: number }>;
  readonly #byRoute: BetterSqlite3.Statement<[number, number], { route: string; values: number }>;
  readonly #before: BetterSqlite3.Statement<[number, Minute, number, Minute], { values: number }>;

  readonly #dead: BetterSqlite3.Statement<[number], { values: number }>;

  constructor(db: BetterSqlite3.Database) {
    // Of one minute the sinks are owed the readings above some id each: the largest of these holds the others.
    this.#total = db.prepare(
      `SELECT coalesce(sum(readings), 0) AS readings, coalesce(sum("values"), 0) AS "values" FROM (
         SELECT max(reading_count) AS readings, max(value_count) AS "values" FROM owed GROUP BY minute
         UNION ALL SELECT value_count, value_count FROM dead_letters WHERE owed_route IS NOT NULL)`,
    );
    this.#oldest = db.prepare(
      `SELECT minute, through FROM (
         SELECT o.minute, o.through FROM sinks AS s CROSS JOIN owed AS o
           ON o.sink = s.id AND o.minute = (SELECT min(minute) FROM owed WHERE sink = s.id)
         UNION ALL SELECT min(minute), ${Number.MAX_SAFE_INTEGER} FROM dead_letters WHERE owed_route IS NOT NULL)
       WHERE minute IS NOT NULL ORDER BY minute, through LIMIT 1`,
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
    const { readings, values } = this.#total.get() ?? { readings: 0, values: 0 };
    return { pendingReadings: readings, pendingValues: values };
  }

  /** The oldest pending minute, and the id above which its readings are owed. */
  oldest(): { minute: Minute; through: number } | null {
    return this.#oldest.get() ?? null;
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
