import { chmodSync, closeSync, existsSync, openSync, readFileSync, rmSync, statSync } from 'node:fs';
import Database from 'better-sqlite3';
import { EXIT, GatewayError } from '../../model/error.ts';
import { FILE_MODE } from './data-dir.ts';
import { APPLICATION_ID, knownVersion, migrate, readMigrations } from './migrate.ts';
import { rewriteWal } from './rewrite-wal.ts';
import { forgetStop } from './stray-wal.ts';
import { codeOf, troubleOf } from './sqlite-error.ts';
import { supplyMissing } from './unmigrated.ts';

export const PAGE_BYTES = 4096;
export const WAL_LIMIT_BYTES = 8 * 1024 ** 2;
const BUSY_TIMEOUT_MS = 5_000;
/** Room above the budget for bookkeeping while the oldest readings are being removed. */
const SLACK_PAGES = 1024;

/** The daemon's one connection. Every promise of durability rests on what is set here. */
export function openWriter(path: string, budgetBytes: number): Database.Database {
  const isMissing = !existsSync(path);
  // SQLite gives its other files the mode of this one.
  if (isMissing) closeSync(openSync(path, 'a', FILE_MODE));
  const db = new Database(path, { timeout: BUSY_TIMEOUT_MS });
  try {
    refuseForeign(db, path);
    const migrations = readMigrations();
    const isNew = knownVersion(db, migrations) === 0;
    chmodSync(path, FILE_MODE);
    // On one that has tables it would change nothing, with a commit of its own.
    if (isNew) db.pragma('auto_vacuum = INCREMENTAL');
    db.pragma('journal_mode = WAL');
    durable(db);
    rewriteWal(db, path);
    db.pragma('wal_autocheckpoint = 1000');
    db.pragma(`journal_size_limit = ${WAL_LIMIT_BYTES}`);
    frugal(db);
    db.pragma(`max_page_count = ${Math.ceil(budgetBytes / PAGE_BYTES) + SLACK_PAGES}`);
    migrate(db, migrations);
    return db;
  } catch (error) {
    db.close();
    // The next opening would take it for one that lost all it held.
    if (isMissing && statSync(path).size === 0) rmSync(path);
    throw error;
  }
}

/** For a single short transaction beside the daemon. */
export function openBriefWriter(path: string): Database.Database {
  forgetStop(path);
  const db = new Database(path, { fileMustExist: true, timeout: BUSY_TIMEOUT_MS });
  try {
    const version = knownVersion(db, readMigrations());
    durable(db);
    frugal(db);
    supplyMissing(db, version);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/**
 * Null when there is no database, or one that was never set up. Throws a GatewayError when it is newer than this program,
 * damaged, or not to be read by this user.
 */
export function openReader(path: string): Database.Database | null {
  let db: Database.Database | undefined;
  try {
    if (statSync(path, { throwIfNoEntry: false }) === undefined) return null;
    db = openReadOnly(path);
    frugal(db);
    const version = knownVersion(db, readMigrations());
    if (version > 0) {
      supplyMissing(db, version);
      return db;
    }
  } catch (error) {
    db?.close();
    throw readFailure(error, path);
  }
  db.close();
  return null;
}

/** The error in words for whoever looks at the database. A damaged one heals when the daemon opens it. */
export function readFailure(error: unknown, path: string): unknown {
  if (error instanceof GatewayError) return error;
  const code = codeOf(error);
  if (code === 'EACCES' || code === 'EPERM' || code === 'SQLITE_CANTOPEN') return notForThisUser(path, error);
  const trouble = troubleOf(error);
  if (trouble === 'io' || trouble === 'full') {
    return new GatewayError(`The database ${path} cannot be read at present (${code}).`, {
      hint: 'Free space on its disk if that is full; else look for I/O errors in `dmesg`: the card or disk may be failing.',
      exitCode: EXIT.failing,
      cause: error,
    });
  }
  if (trouble !== 'corrupt') return error;
  return new GatewayError(`The database ${path} is damaged.`, {
    hint: 'Start the gateway: it moves the file aside, begins a new one and takes over what can be read.',
    exitCode: EXIT.failing,
    cause: error,
  });
}

/** Not the same as no database: nothing can be said of what is stored. */
function notForThisUser(path: string, cause: unknown): GatewayError {
  return new GatewayError(`This user may not read ${path}: permission denied.`, {
    hint: 'Run it as the user the gateway runs as, or with sudo.',
    exitCode: EXIT.usage,
    cause,
  });
}

function openReadOnly(path: string): Database.Database {
  const db = new Database(path, { readonly: true, fileMustExist: true, timeout: BUSY_TIMEOUT_MS });
  try {
    db.pragma('user_version');
    return db;
  } catch (error) {
    db.close();
    // Where nothing can be written, SQLite cannot make the WAL's index. Without a WAL the file alone says everything.
    const trouble = troubleOf(error);
    if (codeOf(error) !== 'SQLITE_CANTOPEN' && trouble !== 'io' && trouble !== 'full') throw error;
    if ((statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0) > 0) throw error;
    return openCopy(path);
  }
}

/** A copy in memory, with the two bytes of the header changed that ask for a WAL (file format, 1.3.3). */
function openCopy(path: string): Database.Database {
  const bytes = readFileSync(path);
  bytes[18] = 1;
  bytes[19] = 1;
  return new Database(bytes, { readonly: true });
}

/** `synchronous` does not persist in the file, and the library's default in WAL mode loses commits at a power cut. */
function durable(db: Database.Database): void {
  db.pragma('synchronous = FULL');
  const journal = db.pragma('journal_mode', { simple: true });
  const synchronous = db.pragma('synchronous', { simple: true });
  if (journal === 'wal' && synchronous === 2) return;
  throw new GatewayError(
    `The database cannot be written durably (journal ${String(journal)}, synchronous ${String(synchronous)}).`,
    {
      hint: 'The data directory must be on a local file system, not on a network share.',
      exitCode: EXIT.configuration,
    },
  );
}

function frugal(db: Database.Database): void {
  db.pragma('cache_size = -2000');
  db.pragma('temp_store = MEMORY');
  db.pragma('trusted_schema = OFF');
}

function refuseForeign(db: Database.Database, path: string): void {
  const id = db.pragma('application_id', { simple: true });
  const version = db.pragma('user_version', { simple: true });
  const tables = db.prepare<[], { n: number }>('SELECT count(*) AS n FROM sqlite_schema').get()?.n ?? 0;
  if (id === APPLICATION_ID || (id === 0 && version === 0 && tables === 0)) return;
  throw new GatewayError(`${path} is a database of another program.`, {
    hint: 'Set dataDir to a folder of its own.',
    exitCode: EXIT.configuration,
  });
}
