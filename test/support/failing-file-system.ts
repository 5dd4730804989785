import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, truncateSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { onTestFinished } from 'vitest';
import { tempDir } from './temp-dir.ts';
import { until } from './until.ts';

const BYTES = 64 * 1024 ** 2;
const MOUNT_TRIES = 150;

/** An ext4 on a loop device whose kernel can be made to find an error; unmounted with the test. Needs root. */
export class FailingFileSystem {
  readonly path: string;
  readonly #image: string;
  #device = '';

  constructor() {
    const dir = tempDir();
    // Processes of other tests have mount namespaces of their own, which are to let go of it too when it is unmounted.
    execFileSync('mount', ['--bind', dir, dir]);
    execFileSync('mount', ['--make-shared', dir]);
    onTestFinished(() => void spawnSync('umount', ['-l', dir]));
    this.#image = join(dir, 'image');
    this.path = join(dir, 'mounted');
    writeFileSync(this.#image, '');
    truncateSync(this.#image, BYTES);
    execFileSync('mkfs.ext4', ['-q', '-F', this.#image]);
    mkdirSync(this.path);
    this.#mount('rw');
    onTestFinished(() => void spawnSync('umount', ['-l', this.path]));
  }

  /** The kernel finds an error and takes no writes any more, as it does with a card that fails. */
  fail(): void {
    writeFileSync(`/sys/fs/ext4/${basename(this.#device)}/trigger_fs_error`, '1');
  }

  /** As a person or the next boot would: unmounted, once nobody has a file of it open, and mounted again. */
  async repair(): Promise<void> {
    await this.#unmount();
    this.#mount('rw');
  }

  /** Mounted so, as `fsck` or a worn-out card's lock leave it. */
  async makeReadOnly(): Promise<void> {
    await this.#unmount();
    this.#mount('ro');
  }

  #mount(how: 'ro' | 'rw'): void {
    const args = ['-o', `loop,errors=remount-ro,${how}`, this.#image, this.path];
    // The kernel lets go of what was unmounted a moment later, and another test may take the loop device that was free.
    for (let tries = 1; ; tries++) {
      const { status, stderr } = spawnSync('mount', args);
      if (status === 0) break;
      if (tries === MOUNT_TRIES) throw new Error(`mount ${args.join(' ')} failed ${tries} times: ${stderr.toString()}`);
      spawnSync('sleep', ['0.1']);
    }
    this.#device = execFileSync('findmnt', ['-n', '-o', 'SOURCE', this.path]).toString().trim();
  }

  async #unmount(): Promise<void> {
    await until(
      () => {
        try {
          execFileSync('umount', [this.path], { stdio: 'ignore' });
          return true;
        } catch {
          return false;
        }
      },
      (done) => done,
    );
  }
}
