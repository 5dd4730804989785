import type Database from 'better-sqlite3';

/** The first version with a table `owed_parts`. */
const WITH_PARTS = 3;

/**
 * Lets the statements of today look at a database that only the daemon may migrate: what it lacks is an empty table of this
 * connection, in memory.
 */
export function supplyMissing(db: Database.Database, version: number): void {
  if (version < WITH_PARTS)
    db.exec('CREATE TEMP TABLE owed_parts (sink, minute, upto, origin, id, PRIMARY KEY (sink, minute))');
}
