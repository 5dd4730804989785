import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Config } from '../config/config.ts';
import { bytes } from '../report/human.ts';
import { failed, passed, type CheckResult } from './check-result.ts';

/** Free space against what the configuration asks for. */
export function checkDisk({ dataDir, queue }: Pick<Config, 'dataDir' | 'queue'>, freeBytes: number): CheckResult {
  const name = 'disk';
  if (freeBytes >= queue.minFreeDiskBytes) return passed(name, `${bytes(freeBytes)} free`);
  return failed(
    name,
    `${bytes(freeBytes)} free, less than queue.minFreeDisk (${bytes(queue.minFreeDiskBytes)})`,
    `Free some space on the disk that holds ${dataDir}, or lower queue.minFreeDisk.`,
  );
}

/** Whether this user can write the data directory, or make it. */
export function checkDataDir(dataDir: string): CheckResult {
  const name = 'data directory';
  let path = dataDir;
  while (!existsSync(path) && dirname(path) !== path) path = dirname(path);
  try {
    accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    return failed(
      name,
      `${path} cannot be written by this user: ${(error as NodeJS.ErrnoException).code ?? String(error)}`,
      'Give it to the user the gateway runs as, or set dataDir to a folder of that user.',
    );
  }
  if (!statSync(path).isDirectory()) {
    return failed(name, `${path} is not a directory`, 'Set dataDir to a folder.');
  }
  return passed(name, path === dataDir ? `${dataDir} can be written` : `${dataDir} can be made`);
}
