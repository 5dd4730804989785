import Database from 'better-sqlite3';

/** A database as durable as the queue's, in which one table is all there is. */
export function openBareDatabase(path: string, table: string): Database.Database {
  const db = new Database(path);
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = FULL');
  db.pragma('wal_autocheckpoint = 1000');
  db.exec(`CREATE TABLE IF NOT EXISTS ${table}`);
  return db;
}
