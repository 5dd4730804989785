/** What an error of the database or the disk means for us; null when it is something else. */
export type DatabaseTrouble = 'full' | 'corrupt' | 'io' | 'busy';

const FULL = new Set(['SQLITE_FULL', 'ENOSPC', 'EDQUOT', 'SQLITE_IOERR_SHMSIZE']);
const IO = new Set(['EIO', 'EROFS', 'ENODEV']);

/** Classifies by SQLite's (extended) result code, or the system's. A page that the disk does not give back is `corrupt` to SQLite. */
export function troubleOf(error: unknown): DatabaseTrouble | null {
  const code = codeOf(error);
  if (FULL.has(code)) return 'full';
  if (code.startsWith('SQLITE_CORRUPT') || code === 'SQLITE_NOTADB') return 'corrupt';
  if (code.startsWith('SQLITE_IOERR') || code.startsWith('SQLITE_READONLY') || IO.has(code)) return 'io';
  if (code.startsWith('SQLITE_BUSY')) return 'busy';
  return null;
}

/**
 * A sync failed. The kernel reports that once and then takes the pages for stored, so nothing that is committed behind them on
 * this connection could be promised.
 */
export function isFailedSync(error: unknown): boolean {
  const code = codeOf(error);
  return code === 'SQLITE_IOERR_FSYNC' || code === 'SQLITE_IOERR_DIR_FSYNC';
}

/** SQLite's or the system's code, or an empty string. */
export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

/** The file is damaged, although SQLite did not see it: a row names another that is not there, say. */
export function corrupt(what: string, options?: ErrorOptions): Error {
  return Object.assign(new Error(what, options), { code: 'SQLITE_CORRUPT' });
}
