import { chmodSync, lstatSync, mkdirSync, readdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { EXIT, GatewayError } from '../../model/error.ts';
import { troubleOf } from './sqlite-error.ts';
import { syncDirectory } from './sync-directory.ts';

export const DATABASE_FILE = 'queue.db';
export const LOCK_FILE = 'lock.db';
export const BALLAST_FILE = 'ballast';

/** Mode of the database and of what SQLite puts beside it: readings tell when somebody is at home. */
export const FILE_MODE = 0o600;
const DIR_MODE = 0o700;
/** The user's own profiles of devices. */
const PROFILES = 'profiles';
/** Everything a gateway leaves in its data directory, damaged files that were moved aside included. */
const OURS = /^(?:(?:queue|lock)\.db(?:[-.].*)?|ballast)$/;

/**
 * Creates the data directory where it is missing, closes it to other users and gives the database's path. Throws a GatewayError
 * when it cannot be used.
 */
export function prepareDataDir(dataDir: string): string {
  try {
    syncNamesFrom(mkdirSync(dataDir, { recursive: true, mode: DIR_MODE }), dataDir);
  } catch (cause) {
    // A full, failing or read-only disk is not a matter of the configuration.
    if (troubleOf(cause) !== null) throw cause;
    throw new GatewayError(`The data directory ${dataDir} cannot be created.`, {
      hint: 'Check the owner and the permissions of the folder it is in, or set dataDir.',
      exitCode: EXIT.configuration,
      cause,
    });
  }
  const path = join(dataDir, DATABASE_FILE);
  refuseSymlink(path);
  refuseSymlink(join(dataDir, LOCK_FILE));
  closeToOthers(dataDir);
  return path;
}

/**
 * Whatever the umask is, and whatever an older version or a restored copy left open. A folder that holds somebody else's files
 * too keeps its mode. On a file system without modes there is nothing to close; what cannot be written at all, the next step tells.
 */
function closeToOthers(dataDir: string): void {
  try {
    const names = readdirSync(dataDir);
    for (const name of names.filter((one) => OURS.test(one))) tighten(join(dataDir, name), FILE_MODE);
    const others = names.filter((name) => !OURS.test(name) && name !== PROFILES);
    if (others.length === 0) tighten(dataDir, DIR_MODE);
  } catch {
    return;
  }
}

function tighten(path: string, mode: number): void {
  const state = lstatSync(path, { throwIfNoEntry: false });
  if (state === undefined || state.isSymbolicLink() || state.uid !== process.getuid?.()) return;
  if ((state.mode & 0o077) !== 0) chmodSync(path, mode);
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
