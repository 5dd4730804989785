import { existsSync, statfsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

/** Bytes of the file system that holds a path. */
export interface DiskUsage {
  /** What an ordinary user may still write. */
  readonly freeBytes: number;
  readonly totalBytes: number;
}

/** Injected, so that tests can fill the disk. */
export type DiskSpace = (path: string) => DiskUsage;

/** A path that does not exist yet counts as the folder it will be in. Throws the system's error when that cannot be read. */
export const systemDiskSpace: DiskSpace = (path) => {
  const { bavail, blocks, bsize } = statfsSync(existing(resolve(path)));
  return { freeBytes: bavail * bsize, totalBytes: blocks * bsize };
};

function existing(path: string): string {
  return existsSync(path) || dirname(path) === path ? path : existing(dirname(path));
}
