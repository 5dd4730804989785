/**
 * A damaged database is moved aside in steps, and the process or the power may end between any two of them. The marker names
 * where the file goes before anything is moved, and stays until the new database knows of the old one.
 */
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { EpochMs } from '../../model/time.ts';
import { FILE_MODE } from './data-dir.ts';
import { syncDirectory } from './sync-directory.ts';

const MARKER = '.damaged';

/** Notes that the file was found damaged while it was in use; the next opening moves it aside. */
export function markDamaged(path: string): void {
  writeFileSync(path + MARKER, '', { mode: FILE_MODE });
}

export function isMarkedDamaged(path: string): boolean {
  return existsSync(path + MARKER);
}

/** Where a damaged database was moved whose successor may not know of it yet; null when there is none. */
export function movedEarlier(path: string): string | null {
  const target = readTarget(path);
  return target !== null && existsSync(target) ? target : null;
}

/** Moves a damaged database and its WAL aside, so that a new one can begin; where it is now. To be concluded with `forgetDamage`. */
export function moveAside(path: string, now: EpochMs): string {
  let movedTo = readTarget(path);
  if (movedTo === null || existsSync(movedTo)) writeTarget(path, (movedTo = freeName(path, now)));
  // The WAL goes first: a file without its WAL would pass for a whole one. What lies there afterwards is a reader's, and empty.
  if (existsSync(`${path}-wal`) && !existsSync(`${movedTo}-wal`)) renameSync(`${path}-wal`, `${movedTo}-wal`);
  syncDirectory(dirname(path));
  renameSync(path, movedTo);
  syncDirectory(dirname(path));
  rmSync(`${path}-shm`, { force: true });
  return movedTo;
}

/** The new database knows where the damaged one is. */
export function forgetDamage(path: string): void {
  rmSync(path + MARKER, { force: true });
}

/** A name beside the database that nothing has yet. */
export function freeName(path: string, now: EpochMs): string {
  const name = `${path}.corrupt-${new Date(now).toISOString().replace(/[-:]|\.\d+/g, '')}`;
  let free = name;
  for (let n = 2; existsSync(free) || existsSync(`${free}-wal`); n++) free = `${name}-${n}`;
  return free;
}

/** Null while the marker says only that there is damage. */
function readTarget(path: string): string | null {
  if (!isMarkedDamaged(path)) return null;
  const name = readFileSync(path + MARKER, 'utf8');
  return name.startsWith(`${basename(path)}.corrupt-`) ? join(dirname(path), name) : null;
}

function writeTarget(path: string, target: string): void {
  const fd = openSync(path + MARKER, 'w', FILE_MODE);
  try {
    writeFileSync(fd, basename(target));
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  syncDirectory(dirname(path));
}
