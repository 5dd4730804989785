import { lstatSync, mkdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { EXIT, GatewayError } from '../../model/error.ts';
import { syncDirectory } from './sync-directory.ts';

export const DATABASE_FILE = 'queue.db';
export const LOCK_FILE = 'lock.db';
export const BALLAST_FILE = 'ballast';

/** Mode of the database and of what SQLite puts beside it: readings tell when somebody is at home. */
export const FILE_MODE = 0o600;
const DIR_MODE = 0o700;

/** Creates the data directory where it is missing and gives the database's path. Throws a GatewayError when it cannot be used. */
export function prepareDataDir(dataDir: string): string {
  try {
    syncNamesFrom(mkdirSync(dataDir, { recursive: true, mode: DIR_MODE }), dataDir);
  } catch (cause) {
    throw new GatewayError(`The data directory ${dataDir} cannot be created.`, {
      hint: 'Check the owner and the permissions of the folder it is in, or set dataDir.',
      exitCode: EXIT.configuration,
      cause,
    });
  }
  const path = join(dataDir, DATABASE_FILE);
  refuseSymlink(path);
  refuseSymlink(join(dataDir, LOCK_FILE));
  return path;
}

/** New folders, from the topmost on, must not be lost at a power cut with all that was stored in them by then. */
function syncNamesFrom(topmost: string | undefined, dataDir: string): void {
  if (topmost === undefined) return;
  for (let folder = resolve(dataDir); folder.length >= resolve(topmost).length; folder = dirname(folder)) {
    syncDirectory(dirname(folder));
  }
}

/** A link could lead the queue to another user's file, and its WAL would lie elsewhere than expected. */
function refuseSymlink(path: string): void {
  if (lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true) {
    throw new GatewayError(`${path} is a symbolic link.`, {
      hint: 'Move the real file there, or set dataDir to the folder it is in.',
      exitCode: EXIT.configuration,
    });
  }
}
