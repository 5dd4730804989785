import { closeSync, fsyncSync, openSync } from 'node:fs';

/** Brings the names in a directory to the disk: a file that was synced can still be lost with its name at a power cut. */
export function syncDirectory(path: string): void {
  const fd = openSync(path, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
