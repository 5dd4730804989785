import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface DaemonSetup {
  readonly config: string;
  readonly startWall: number;
  readonly startMono: number;
  readonly speed: number;
}

const PROGRAM = join(import.meta.dirname, 'gateway.ts');
/** As the service and the image. */
const LIMITS = ['--max-old-space-size=96', '--max-semi-space-size=2'];

/** The gateway as a process: started, stopped and killed as often as the soak likes. */
export class Daemon {
  readonly #setup: DaemonSetup;
  #child: ChildProcess | null = null;
  /** Starts after an end that nobody asked for. */
  crashes = 0;
  output = '';

  constructor(setup: DaemonSetup) {
    this.#setup = setup;
  }

  async start(): Promise<void> {
    const { config, startWall, startMono, speed } = this.#setup;
    const args = [...LIMITS, PROGRAM, config, String(startWall), String(startMono), String(speed)];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    this.#child = child;
    const collecting = new Promise<void>((resolve, reject) => {
      const read = (chunk: Buffer): void => {
        this.output = `${this.output}${chunk.toString()}`.slice(-100_000);
        if (chunk.includes('collecting')) resolve();
      };
      child.stdout.on('data', read);
      child.stderr.on('data', read);
      child.once('exit', (code) => reject(new Error(`the gateway ended with ${code}:\n${this.output}`)));
    });
    await collecting;
  }

  /** Starts it again where it has ended by itself, as a supervisor would. */
  async supervise(): Promise<void> {
    const child = this.#child;
    if (child === null || (child.exitCode === null && child.signalCode === null)) return;
    this.crashes++;
    process.stderr.write(
      `\nthe gateway ended by itself (${child.exitCode ?? child.signalCode}):\n${this.output.slice(-2_000)}\n`,
    );
    await this.start();
  }

  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const child = this.#child;
    this.#child = null;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
  }

  /** Resident memory in MiB; null while it does not run. */
  residentMiB(): number | null {
    const pid = this.#child?.pid;
    if (pid === undefined) return null;
    try {
      const kib = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
      return kib === undefined ? null : Number(kib) / 1024;
    } catch {
      return null;
    }
  }
}
