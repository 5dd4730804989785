/** Debian's mosquitto as a child process, on a free port of loopback, with its files in a temporary directory. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { freePort } from './free-port.ts';
import { findProgram } from './needs.ts';

const START_WITHIN_MS = 5_000;

export interface MosquittoOptions {
  /** Lines for mosquitto.conf after the listener; `{dir}` is the temporary directory. By default everybody may connect. */
  readonly config?: readonly string[];
  /** Files to write into the temporary directory, by name. */
  readonly files?: Readonly<Record<string, string>>;
}

export class Mosquitto {
  readonly port: number;
  readonly dir: string;
  #child: ChildProcess | null = null;
  #output = '';

  private constructor(port: number, dir: string) {
    this.port = port;
    this.dir = dir;
  }

  static async start(options: MosquittoOptions = {}): Promise<Mosquitto> {
    return Mosquitto.startOn(await freePort(), options);
  }

  /** For whoever must know the port before. */
  static async startOn(port: number, options: MosquittoOptions = {}): Promise<Mosquitto> {
    const broker = new Mosquitto(port, await mkdtemp(join(tmpdir(), 'mosquitto-')));
    const config = options.config ?? ['allow_anonymous true'];
    for (const [name, text] of Object.entries(options.files ?? {})) await writeFile(join(broker.dir, name), text);
    await writeFile(
      join(broker.dir, 'mosquitto.conf'),
      [`listener ${broker.port} 127.0.0.1`, `user ${userInfo().username}`, ...config, '']
        .join('\n')
        .replaceAll('{dir}', broker.dir),
    );
    await broker.run();
    return broker;
  }

  get url(): string {
    return `mqtt://127.0.0.1:${this.port}`;
  }

  /** Starts the process, again after `kill()`; resolves once it takes connections. */
  async run(): Promise<void> {
    const binary = findProgram('mosquitto');
    if (binary === null) throw new Error('mosquitto is missing: install the Debian package');
    const child = spawn(binary, ['-c', join(this.dir, 'mosquitto.conf')], { stdio: ['ignore', 'pipe', 'pipe'] });
    this.#child = child;
    child.stdout.on('data', (chunk: Buffer) => (this.#output += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (this.#output += chunk.toString()));
    const deadline = performance.now() + START_WITHIN_MS;
    while (!(await reachable(this.port))) {
      if (child.exitCode !== null || performance.now() > deadline) {
        throw new Error(`mosquitto did not start:\n${this.#output}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** Ends the process and keeps its files. */
  async kill(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    const child = this.#child;
    this.#child = null;
    if (child === null || child.exitCode !== null) return;
    const exited = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    await exited;
  }

  async stop(): Promise<void> {
    await this.kill();
    await rm(this.dir, { recursive: true, force: true });
  }
}

function reachable(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
    socket.once('connect', () => socket.end());
    socket.once('error', () => resolve(false));
    socket.once('close', (failed) => resolve(!failed));
    socket.resume();
  });
}
