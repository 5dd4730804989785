import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { PYTHON } from './pymodbus.ts';
import { tempDir } from './temp-dir.ts';

const SCRIPT = join(import.meta.dirname, 'serial-wire.py');

/** A serial line without hardware that carries bytes at one speed only; ends with the test. */
export class SerialWire {
  /** The end for the gateway. */
  readonly near: string;
  /** The end for the devices. */
  readonly far: string;

  private constructor(near: string, far: string) {
    this.near = near;
    this.far = far;
  }

  static async create(baud: number): Promise<SerialWire> {
    const dir = tempDir();
    const [near, far] = [join(dir, 'near'), join(dir, 'far')];
    const child = spawn(PYTHON, [SCRIPT, String(baud), near, far], { stdio: ['ignore', 'pipe', 'inherit'] });
    onTestFinished(async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    });
    await once(child.stdout, 'data');
    return new SerialWire(near, far);
  }
}
