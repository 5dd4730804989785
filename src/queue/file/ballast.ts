import { closeSync, fsyncSync, lstatSync, openSync, rmSync, writeSync } from 'node:fs';
import { FILE_MODE } from './data-dir.ts';
import { codeOf } from './sqlite-error.ts';

export const BALLAST_BYTES = 8 * 1024 ** 2;
const NO_SPACE = new Set(['ENOSPC', 'EDQUOT']);
const CHUNK = Buffer.alloc(64 * 1024, 0x5a);

/** Space kept for the day the disk is full: without free blocks not even a deletion can be written. */
export class Ballast {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  /** A file cut short holds too little; what is no file was put there by somebody, and is left alone. */
  get held(): boolean {
    const found = lstatSync(this.#path, { throwIfNoEntry: false });
    return found !== undefined && (!found.isFile() || found.size >= BALLAST_BYTES);
  }

  /** Writes real blocks: a sparse file would hold nothing. False, with nothing left behind, when there is no space. */
  hold(): boolean {
    if (this.held) return true;
    this.release();
    const fd = openSync(this.#path, 'wx', FILE_MODE);
    try {
      for (let written = 0; written < BALLAST_BYTES;) written += writeSync(fd, CHUNK);
      fsyncSync(fd);
      return true;
    } catch (error) {
      rmSync(this.#path, { force: true });
      if (NO_SPACE.has(codeOf(error))) return false;
      throw error;
    } finally {
      closeSync(fd);
    }
  }

  /** False when there was nothing to release. */
  release(): boolean {
    const held = lstatSync(this.#path, { throwIfNoEntry: false }) !== undefined;
    rmSync(this.#path, { force: true });
    return held;
  }
}
