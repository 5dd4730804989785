import { execFileSync } from 'node:child_process';
import { closeSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { tempDir } from './temp-dir.ts';

const CHUNK = Buffer.alloc(64 * 1024, 0xa5);

/** A file system of so many bytes in memory, which the test can fill; unmounted with the test. Needs root. */
export class SmallFileSystem {
  readonly path: string;
  readonly #filler: string;

  constructor(bytes: number) {
    this.path = tempDir();
    this.#filler = join(this.path, 'somebody-elses-file');
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${bytes},mode=0700`, 'tmpfs', this.path]);
    // Lazily: a process that a failed test left behind must not keep the mount.
    onTestFinished(() => void execFileSync('umount', ['-l', this.path]));
  }

  get freeBytes(): number {
    const { bavail, bsize } = statfsSync(this.path);
    return bavail * bsize;
  }

  /** Takes every byte but the last `leave` ones. */
  fill(leave = 0): void {
    const fd = openSync(this.#filler, 'a');
    try {
      while (this.freeBytes > leave) writeSync(fd, CHUNK, 0, Math.min(CHUNK.length, this.freeBytes - leave));
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error;
    } finally {
      closeSync(fd);
    }
  }

  /** Takes the filler away. */
  free(): void {
    rmSync(this.#filler, { force: true });
  }
}
