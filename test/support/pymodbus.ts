import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Needs } from './needs.ts';

/** What a test needs that sets the gateway against pymodbus on a serial line. */
export const MODBUS_PEERS: Needs = {
  programs: ['socat', 'pymodbus.server'],
  files: ['/usr/lib/python3/dist-packages/serial_asyncio'],
};

/** Words in hex, by unit, function code and address. */
export type SlaveWords = Readonly<Record<number, Readonly<Partial<Record<3 | 4, Readonly<Record<number, string>>>>>>>;

/** Debian's: another Python may be first in the path and has no pymodbus. */
export const PYTHON = '/usr/bin/python3';
const SCRIPT = join(import.meta.dirname, 'pymodbus-slave.py');

/** pymodbus as a slave, on a serial port or on TCP; ends with the test. */
export class Pymodbus {
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  static async start(
    where: { readonly port: string } | { readonly tcp: number },
    units: SlaveWords,
  ): Promise<Pymodbus> {
    const child = spawn(PYTHON, [SCRIPT, JSON.stringify({ ...where, units })], { stdio: ['pipe', 'pipe', 'pipe'] });
    const slave = new Pymodbus(child);
    onTestFinished(() => slave.stop());
    let output = '';
    await new Promise<void>((resolve, reject) => {
      child.stdout.on('data', (chunk: Buffer) => chunk.toString().includes('ready') && resolve());
      child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
      child.once('exit', () => reject(new Error(`pymodbus ended:\n${output}`)));
    });
    return slave;
  }

  set(unit: number, fc: 3 | 4, address: number, hex: string): void {
    this.#child.stdin?.write(`${unit} ${fc} ${address} ${hex}\n`);
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await ended;
  }
}
