import { execFileSync } from 'node:child_process';
import { existsSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { ROOT } from './source-tree.ts';
import { tempDir } from './temp-dir.ts';

export interface DiskFault {
  readonly call: 'fsync' | 'write' | 'read';
  /** `short`: only half of what is to be written is. */
  readonly fails: 'EIO' | 'ENOSPC' | 'EROFS' | 'short';
  /** The end of the names of the files that are meant; or # and an inode, which a file keeps when it is moved. */
  readonly file: string;
  /** Only calls that touch this byte of the file. */
  readonly byte?: number;
}

/** Makes the disk of a process fail at will: start it with `env`. Needs gcc. */
export class FaultyDisk {
  readonly env: Readonly<Record<string, string>>;
  readonly #order: string;

  constructor() {
    const dir = tempDir();
    const library = join(dir, 'faulty-disk.so');
    execFileSync('gcc', ['-shared', '-fPIC', '-O1', '-o', library, join(ROOT, 'test/support/faulty-disk.c')]);
    this.#order = join(dir, 'order');
    this.env = { LD_PRELOAD: library, FAULTY_DISK: this.#order };
  }

  /** The next such call fails, and no other. */
  failOnce(fault: DiskFault): void {
    this.#give(fault, 'once');
  }

  /** Every such call fails until `heal`. */
  fail(fault: DiskFault): void {
    this.#give(fault, 'always');
  }

  heal(): void {
    rmSync(this.#order, { force: true });
  }

  /** Whether a fault that was to come once has not come yet. */
  get waiting(): boolean {
    return existsSync(this.#order);
  }

  #give({ call, fails, file, byte = -1 }: DiskFault, how: 'once' | 'always'): void {
    const errno = fails === 'short' ? 0 : constants.errno[fails];
    // Renamed into place, so that no call reads half an order.
    writeFileSync(`${this.#order}.new`, `${call} ${errno} ${how} ${file} ${byte}\n`);
    renameSync(`${this.#order}.new`, this.#order);
  }
}
