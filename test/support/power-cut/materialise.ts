import { closeSync, ftruncateSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { basename, join } from 'node:path';
import { BALLAST_FILE, FILE_MODE } from '../../../src/queue/file/data-dir.ts';
import type { Cut } from './cut.ts';
import type { Disk } from './disk.ts';

/** Writes the state of a disk after a cut into an empty directory. */
export function materialise(disk: Disk, { names, data }: Cut, into: string): void {
  const tree = [...disk.names(names)].toSorted(([a], [b]) => a.length - b.length);
  for (const [path, inode] of tree) {
    if (inode === null) mkdirSync(join(into, path), { mode: 0o700 });
    else writeFile(join(into, path), inode);
  }

  function writeFile(path: string, inode: number): void {
    const fd = openSync(path, 'w', FILE_MODE);
    const image = disk.image(inode);
    // Nobody reads what is in the ballast.
    if (basename(path) === BALLAST_FILE) ftruncateSync(fd, image.length);
    else if (image.length > 0) writeSync(fd, image, 0, image.length, 0);
    for (const change of data) {
      if (change.inode !== inode || basename(path) === BALLAST_FILE) continue;
      if (change.kind === 'truncate') ftruncateSync(fd, change.size);
      else writeSync(fd, change.data, 0, change.data.length, change.offset);
    }
    closeSync(fd);
  }
}
