import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { EXIT, GatewayError } from '../../model/error.ts';
import { LOCK_FILE } from './data-dir.ts';
import { troubleOf } from './sqlite-error.ts';

const WAIT_MS = 2_000;

/** Holds the data directory for one process: a transaction on a small file of its own, which the kernel ends with the process. */
export interface Lock {
  release(): void;
}

/** Throws a GatewayError with exit code 6 when another process still holds the directory after two seconds. */
export function takeLock(dataDir: string): Lock {
  const path = join(dataDir, LOCK_FILE);
  try {
    return lockFile(path);
  } catch (error) {
    const trouble = troubleOf(error);
    if (trouble === 'corrupt') {
      // Whoever could hold it would hold it on a readable file.
      rmSync(path, { force: true });
      return lockFile(path);
    }
    if (trouble !== 'busy') throw error;
    throw new GatewayError(`Another gateway uses the data directory ${dataDir}.`, {
      hint: 'Stop it first, or give this one a dataDir of its own.',
      exitCode: EXIT.alreadyRunning,
      cause: error,
    });
  }
}

/** Whether a process holds the lock. Never creates the file. */
export function lockIsHeld(dataDir: string): boolean {
  const path = join(dataDir, LOCK_FILE);
  if (!existsSync(path)) return false;
  let db: Database.Database | undefined;
  try {
    db = new Database(path, { readonly: true, fileMustExist: true, timeout: 0 });
    db.prepare('SELECT count(*) FROM sqlite_schema').get();
    return false;
  } catch (error) {
    return troubleOf(error) === 'busy';
  } finally {
    db?.close();
  }
}

function lockFile(path: string): Lock {
  const db = new Database(path, { timeout: WAIT_MS });
  try {
    // Nothing is ever written here, and a full disk has no room for a journal.
    db.pragma('journal_mode = MEMORY');
    db.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    db.close();
    throw error;
  }
  return {
    release: () => {
      db.exec('ROLLBACK');
      db.close();
    },
  };
}
