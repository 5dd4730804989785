import { existsSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import type { EpochMs } from '../../model/time.ts';
import { FILE_MODE } from './data-dir.ts';

const MARKER = '.damaged';

/** Notes that the file was found damaged while it was in use; the next opening moves it aside. */
export function markDamaged(path: string): void {
  writeFileSync(path + MARKER, '', { mode: FILE_MODE });
}

export function isMarkedDamaged(path: string): boolean {
  return existsSync(path + MARKER);
}

/** Moves a damaged database and its WAL aside, so that a new one can begin; where it is now. */
export function moveAside(path: string, now: EpochMs): string {
  const stamp = new Date(now).toISOString().replace(/[-:]|\.\d+/g, '');
  let movedTo = `${path}.corrupt-${stamp}`;
  for (let n = 2; existsSync(movedTo); n++) movedTo = `${path}.corrupt-${stamp}-${n}`;
  renameSync(path, movedTo);
  if (existsSync(`${path}-wal`)) renameSync(`${path}-wal`, `${movedTo}-wal`);
  rmSync(`${path}-shm`, { force: true });
  rmSync(path + MARKER, { force: true });
  return movedTo;
}
