/**
 * What keeps the daemon from writing to the database, for whoever looks meanwhile: it cannot be in the database. A small file
 * beside it that is made while there is space and then overwritten in place, which a full disk still allows; never synced,
 * because after a power cut it says nothing any more.
 */
import { closeSync, constants, existsSync, openSync, readFileSync, statSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { isReadOnly } from '../../platform/read-only.ts';
import type { StorageTrouble } from '../queue.ts';
import { FILE_MODE } from './data-dir.ts';

const SUFFIX = '.trouble';
const BYTES = 4096;

/** Whether there is trouble at present; null when there is none, or when it cannot be told. */
export function storageTrouble(databasePath: string): StorageTrouble | null {
  return readOnly(dirname(databasePath)) ?? readNote(databasePath);
}

/** Leaves the note, unless the same trouble is noted already; a disk that does not even take that cannot be helped. */
export function noteTrouble(databasePath: string, { kind, message }: Omit<StorageTrouble, 'at'>): void {
  if (readNote(databasePath)?.kind === kind) return;
  overwrite(databasePath, JSON.stringify({ kind, message: message.slice(0, 500) }));
}

/** Nothing is wrong any more; makes the note's file where there is none yet. */
export function forgetTrouble(databasePath: string): void {
  overwrite(databasePath, '');
}

function overwrite(databasePath: string, text: string): void {
  try {
    const fd = openSync(
      databasePath + SUFFIX,
      constants.O_WRONLY | constants.O_CREAT | constants.O_NOFOLLOW,
      FILE_MODE,
    );
    try {
      writeSync(fd, text.padEnd(BYTES));
    } finally {
      closeSync(fd);
    }
  } catch {
    return;
  }
}

function readNote(databasePath: string): StorageTrouble | null {
  try {
    const file = databasePath + SUFFIX;
    const { kind, message } = JSON.parse(readFileSync(file, 'utf8')) as Partial<StorageTrouble>;
    if (typeof message !== 'string') return null;
    return { at: statSync(file).mtimeMs, kind: kind === 'full' ? 'full' : 'failing', message };
  } catch {
    return null;
  }
}

/** Where nothing can be written, no note can be left either. */
function readOnly(dataDir: string): StorageTrouble | null {
  return isReadOnly(dataDir) ? { at: null, kind: 'failing', message: 'the file system is read-only' } : null;
}

/** Whether a gateway has run here: the note's file is made at the first opening. */
export function hasRunHere(databasePath: string): boolean {
  return existsSync(databasePath + SUFFIX);
}
