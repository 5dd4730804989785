/**
 * A write-ahead log carries no sign of the database it belongs to: SQLite replays one that was left by another, over whatever
 * is there. After an orderly stop there is none, so that a mark of the stop tells the two apart; it is taken away, for good,
 * before anything is written again.
 */
import { existsSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { FILE_MODE } from './data-dir.ts';
import { freeName } from './quarantine.ts';
import { syncDirectory } from './sync-directory.ts';
import type { EpochMs } from '../../model/time.ts';

const MARK = '.stopped';

/**
 * The database was closed. There is no mark while some of it is in the log still, because another process was reading. A full
 * disk takes no mark, and needs none.
 */
export function markStopped(path: string): void {
  try {
    if (sizeOf(`${path}-wal`) > 0) return;
    writeFileSync(path + MARK, String(statSync(path).size), { mode: FILE_MODE });
  } catch {
    return;
  }
}

/** Somebody writes to the stopped database: its log will be its own. */
export function forgetStop(path: string): void {
  if (!existsSync(path + MARK)) return;
  rmSync(path + MARK);
  syncDirectory(dirname(path));
}

/** Moves a log aside that cannot be this database's; where it is now, or null. To be called before each opening. */
export function moveStrayWal(path: string, now: EpochMs): string | null {
  if (!existsSync(path + MARK)) return null;
  const untouched = readFileSync(path + MARK, 'utf8') === String(sizeOf(path));
  const wal = `${path}-wal`;
  const stray = untouched && sizeOf(wal) > 0;
  const movedTo = stray ? `${freeName(path, now)}-wal` : null;
  if (movedTo !== null) renameSync(wal, movedTo);
  forgetStop(path);
  return movedTo;
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}
