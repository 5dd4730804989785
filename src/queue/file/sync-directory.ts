import { closeSync, fsyncSync, openSync } from 'node:fs';
import { codeOf } from './sqlite-error.ts';

/** The directory may be written but not read; its file system cannot sync directories. Files in it are synced all the same. */
const CANNOT = new Set(['EACCES', 'EINVAL', 'ENOTSUP']);

/** Brings the names in a directory to the disk: a file that was synced can still be lost with its name at a power cut. */
export function syncDirectory(path: string): void {
  try {
    const fd = openSync(path, 'r');
    try {
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    if (!CANNOT.has(codeOf(error))) throw error;
  }
}
