/** What an error of the database means for us; null when it is something else. */
export type DatabaseTrouble = 'full' | 'corrupt' | 'io' | 'busy';

/** Classifies by SQLite's (extended) result code. */
export function troubleOf(error: unknown): DatabaseTrouble | null {
  const code = codeOf(error);
  if (code === 'SQLITE_FULL') return 'full';
  if (code.startsWith('SQLITE_CORRUPT') || code === 'SQLITE_NOTADB') return 'corrupt';
  if (code.startsWith('SQLITE_IOERR') || code.startsWith('SQLITE_READONLY')) return 'io';
  if (code.startsWith('SQLITE_BUSY')) return 'busy';
  return null;
}

/** SQLite's or the system's code, or an empty string. */
export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

/** What a row says of another that is not there: the file is damaged, although SQLite did not see it. */
export function corrupt(what: string): Error {
  return Object.assign(new Error(what), { code: 'SQLITE_CORRUPT' });
}
