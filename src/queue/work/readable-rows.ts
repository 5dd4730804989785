import type BetterSqlite3 from 'better-sqlite3';
import { codeOf, troubleOf } from '../file/sqlite-error.ts';

/** The rows of a damaged file before the first that cannot be read. */
export function readableRows<Row>(db: BetterSqlite3.Database, sql: string): Row[] {
  const rows: Row[] = [];
  try {
    for (const row of db.prepare<[], Row>(sql).iterate()) rows.push(row);
  } catch (error) {
    if (!isUnreadable(error)) throw error;
  }
  return rows;
}

/** Of a schema that is gone SQLite says that there is no such table. */
export function isUnreadable(error: unknown): boolean {
  return troubleOf(error) === 'corrupt' || codeOf(error) === 'SQLITE_ERROR';
}
