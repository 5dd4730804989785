import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';

export interface MachineOptions {
  readonly checkout: string;
  /** The image of its card. */
  readonly image: string;
  /** A folder of the host it may write to. */
  readonly hostFolder: string;
  /** The number of its first reading. */
  readonly first: number;
  /** Another value for SQLite's `synchronous`, behind the gateway's back. */
  readonly synchronous: string | undefined;
}

/** A user-mode Linux that runs the gateway and a meter. */
export class Machine {
  readonly #child: ChildProcess;

  constructor({ checkout, image, hostFolder, first, synchronous }: MachineOptions) {
    const kernel = ['mem=512M', 'root=/dev/root', 'rootfstype=hostfs', 'rootflags=/', 'ro', 'quiet', 'con=null'];
    const init = [
      `init=${join(checkout, 'scripts/powercut/guest-init')}`,
      `ubd0=${image}`,
      'con0=null,fd:1',
      `uml_dir=${hostFolder}`,
    ];
    const variables = [
      `CHECKOUT=${checkout}`,
      `NODE=${process.execPath}`,
      `HOST_FOLDER=${hostFolder}`,
      `FIRST=${first}`,
    ];
    if (synchronous !== undefined) variables.push(`SYNCHRONOUS=${synchronous}`);
    const console = openSync(join(hostFolder, 'console.log'), 'a');
    this.#child = spawn('linux.uml', [...kernel, ...init, ...variables], {
      // A group of its own, so that all of its processes end at the same instant.
      detached: true,
      stdio: ['ignore', console, console],
    });
    closeSync(console);
  }

  get isRunning(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** At once: nothing the machine had not given to its card is on it. */
  async cutPower(): Promise<void> {
    const { pid } = this.#child;
    if (!this.isRunning || pid === undefined) return;
    const ended = once(this.#child, 'exit');
    process.kill(-pid, 'SIGKILL');
    await ended;
  }
}
