import { closeSync, existsSync, fsyncSync, openSync, readSync, writeSync } from 'node:fs';
import type Database from 'better-sqlite3';

const CHUNK = 256 * 1024;

/**
 * Writes what a crash left in the WAL once more, and syncs it. When a sync has failed, the kernel takes pages for stored that
 * are not: they read back well from its cache, and a power cut would take them and everything committed behind them.
 */
export function rewriteWal(db: Database.Database, path: string): void {
  const wal = `${path}-wal`;
  if (!existsSync(wal)) return;
  // Within a transaction nobody else writes to the WAL.
  db.exec('BEGIN IMMEDIATE');
  try {
    rewrite(wal);
  } finally {
    db.exec('ROLLBACK');
  }
}

function rewrite(file: string): void {
  const fd = openSync(file, 'r+');
  try {
    const bytes = Buffer.alloc(CHUNK);
    for (let at = 0; ;) {
      const length = readSync(fd, bytes, 0, CHUNK, at);
      if (length === 0) break;
      for (let written = 0; written < length;) written += writeSync(fd, bytes, written, length - written, at + written);
      at += length;
    }
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
