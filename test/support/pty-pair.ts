import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished, vi } from 'vitest';
import { tempDir } from './temp-dir.ts';

/** A serial line without hardware: two pseudo-terminals that `socat` connects. Unplugging ends it; plugging in gives it the same name again. */
export class PtyPair {
  /** The end for the gateway. */
  readonly master: string;
  /** The end for the devices. */
  readonly slave: string;
  #socat: ChildProcess | null = null;

  private constructor(dir: string, name: string) {
    this.master = join(dir, `${name}-master`);
    this.slave = join(dir, `${name}-slave`);
  }

  static async create(name = 'line'): Promise<PtyPair> {
    const pair = new PtyPair(tempDir(), name);
    onTestFinished(() => pair.unplug());
    await pair.plug();
    return pair;
  }

  async plug(): Promise<void> {
    this.#socat = spawn('socat', [this.master, this.slave].map(endOf), { stdio: 'ignore' });
    await vi.waitUntil(() => existsSync(this.master) && existsSync(this.slave), { timeout: 20_000 });
  }

  async unplug(): Promise<void> {
    const socat = this.#socat;
    this.#socat = null;
    if (socat === null || socat.exitCode !== null || socat.signalCode !== null) return;
    const ended = once(socat, 'exit');
    socat.kill('SIGTERM');
    await ended;
  }
}

function endOf(link: string): string {
  return `pty,raw,echo=0,link=${link}`;
}
