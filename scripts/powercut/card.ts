import { execFileSync } from 'node:child_process';
import { closeSync, cpSync, ftruncateSync, mkdirSync, openSync } from 'node:fs';

const BYTES = 512 * 1024 ** 2;

/** Makes the image of an empty card. */
export function makeCard(image: string): void {
  const fd = openSync(image, 'w');
  ftruncateSync(fd, BYTES);
  closeSync(fd);
  execFileSync('mkfs.ext4', ['-q', image]);
}

/** Copies what a power cut left on a card, after the file system's own repair, as at the next boot. */
export function copyOfCard(image: string, mountPoint: string, to: string): void {
  mkdirSync(mountPoint, { recursive: true });
  execFileSync('mount', ['-o', 'loop', image, mountPoint]);
  try {
    cpSync(mountPoint, to, { recursive: true });
  } finally {
    execFileSync('umount', [mountPoint]);
  }
}
