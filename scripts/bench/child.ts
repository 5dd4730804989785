import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Stage } from './stage.ts';

export interface ChildOptions {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly onLine?: (line: string) => void;
}

const ENDS_WITHIN_MS = 15_000;
const KEPT_LINES = 30;

/** Whatever comes of this process, none of them outlives it. */
const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** A process of the benchmark; ended with its stage. */
export class Child {
  readonly pid: number;
  readonly #name: string;
  readonly #process: ChildProcess;
  readonly #lines: string[] = [];
  readonly #listeners = new Set<(line: string) => void>();
  readonly #ended: Promise<unknown>;

  private constructor(options: ChildOptions, child: ChildProcess, pid: number) {
    this.#name = options.name;
    this.#process = child;
    this.pid = pid;
    // Not `exit`: its last lines may come after that.
    this.#ended = once(child, 'close');
    if (options.onLine !== undefined) this.#listeners.add(options.onLine);
  }

  static start(stage: Stage, options: ChildOptions): Child {
    stage.signal.throwIfAborted();
    const { name, command, args, cwd, env = cleanEnvironment() } = options;
    const started = spawn(command, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env,
      ...(cwd === undefined ? {} : { cwd }),
    });
    // It is told below.
    started.on('error', () => undefined);
    if (started.pid === undefined) throw new Error(`${name} did not start: ${command}`);
    const child = new Child(options, started, started.pid);
    for (const stream of [started.stdout, started.stderr]) child.#read(stream.setEncoding('utf8'));
    running.add(started);
    started.once('exit', () => running.delete(started));
    stage.onEnd(async () => void (await child.stop()));
    return child;
  }

  /** Resolves with the first line that matches; rejects with what it printed when it ends before. */
  line(pattern: RegExp): Promise<string> {
    return new Promise((resolve, reject) => {
      const settle = (line: string): void => {
        if (!pattern.test(line)) return;
        this.#listeners.delete(settle);
        resolve(line);
      };
      this.#listeners.add(settle);
      for (const line of this.#lines) settle(line);
      void this.#ended.then(() => reject(new Error(`${this.#name} ended:\n${this.#lines.join('\n')}`)));
    });
  }

  get hasEnded(): boolean {
    return this.#process.exitCode !== null || this.#process.signalCode !== null;
  }

  /** What it printed last. */
  get output(): string {
    return this.#lines.join('\n');
  }

  /** Resolves with the exit code. */
  async end(): Promise<number | null> {
    await this.#ended;
    return this.#process.exitCode;
  }

  /** SIGTERM, and SIGKILL if that does not help. */
  async stop(): Promise<number | null> {
    if (this.hasEnded) return this.#process.exitCode;
    this.#process.kill('SIGTERM');
    const killer = setTimeout(() => this.#process.kill('SIGKILL'), ENDS_WITHIN_MS);
    const code = await this.end();
    clearTimeout(killer);
    return code;
  }

  #read(stream: NodeJS.ReadableStream): void {
    let rest = '';
    stream.on('data', (chunk: string) => {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        this.#lines.push(line);
        for (const listener of this.#listeners) listener(line);
      }
      this.#lines.splice(0, this.#lines.length - KEPT_LINES);
    });
  }
}

/** Nothing that this shell happens to be configured for may reach the processes of a benchmark. */
export function cleanEnvironment(more: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  const foreign = /^(GATEWAY_|MQTT_|TENANT|API_TOKEN|DYNATRACE|DT_|NODE_OPTIONS|NOTIFY_SOCKET|WATCHDOG_)/;
  return { ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !foreign.test(name))), ...more };
}
