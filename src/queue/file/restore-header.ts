import { closeSync, fstatSync, openSync, readSync, writeSync } from 'node:fs';
import BetterSqlite3 from 'better-sqlite3';
import { PAGE_BYTES } from './connection.ts';
import { APPLICATION_ID } from './migrate.ts';

const MAGIC = Buffer.from('SQLite format 3\0');
const HEADER_BYTES = 100;

/**
 * Gives a damaged database whose first bytes are lost a header as ours have it (file format, 1.3): without it SQLite reads
 * nothing of what may be whole. A file that has a header keeps it.
 */
export function restoreHeader(file: string): void {
  const fd = openSync(file, 'r+');
  try {
    const magic = Buffer.alloc(MAGIC.length);
    readSync(fd, magic, 0, MAGIC.length, 0);
    if (magic.equals(MAGIC)) return;
    const header = model();
    header.writeUInt32BE(Math.floor(fstatSync(fd).size / PAGE_BYTES), 28);
    // No free pages: which they were is not known, and nothing will be written.
    header.fill(0, 32, 40);
    writeSync(fd, header, 0, HEADER_BYTES, 0);
  } finally {
    closeSync(fd);
  }
}

/** From a database of the same make in memory. The daemon's own file must not be opened here: closing it would drop its locks. */
function model(): Buffer {
  const db = new BetterSqlite3(':memory:');
  try {
    db.pragma(`page_size = ${PAGE_BYTES}`);
    db.pragma('auto_vacuum = INCREMENTAL');
    db.exec('CREATE TABLE any_table (any_column)');
    db.pragma(`application_id = ${APPLICATION_ID}`);
    const header = Buffer.from(db.serialize().subarray(0, HEADER_BYTES));
    // Read and written with a WAL.
    header.fill(2, 18, 20);
    // The size is believed only when both counters are the same.
    header.copy(header, 92, 24, 28);
    return header;
  } finally {
    db.close();
  }
}
