/** The command line as a real process: the daemon, and the commands that look at it. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Status } from '../../src/report/status.ts';
import { ROOT } from './source-tree.ts';

const CONNECTED_WITHIN_MS = 20_000;
const CLI = join(ROOT, 'src/cli.ts');

export interface GatewayOptions {
  /** Working directory, data directory and configuration live here. */
  readonly dir: string;
  /** The text of gateway.yaml; absent: none, the environment decides. */
  readonly yaml?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** The program's `cli.ts`; default: this repository's. */
  readonly cli?: string;
  /** Program and arguments that become the daemon, as in `env -i`; the process id stays. */
  readonly launcher?: readonly string[];
}

export interface CommandResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export class GatewayProcess {
  readonly #options: GatewayOptions;
  #child: ChildProcess | null = null;
  output = '';

  constructor(options: GatewayOptions) {
    this.#options = options;
    if (options.yaml !== undefined) writeFileSync(join(options.dir, 'gateway.yaml'), options.yaml, { mode: 0o600 });
    onTestFinished(() => this.kill());
  }

  get pid(): number {
    if (this.#child?.pid === undefined) throw new Error('the gateway is not running');
    return this.#child.pid;
  }

  get running(): boolean {
    return this.#child !== null && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Resolves when it says that it collects; rejects with what it printed when it ends before. */
  async start(): Promise<void> {
    const [program, ...args] = [
      ...(this.#options.launcher ?? []),
      process.execPath,
      this.#options.cli ?? CLI,
      'run',
    ] as const;
    const child = spawn(program, args, this.#spawnOptions());
    this.#child = child;
    this.output = '';
    const collecting = new Promise<void>((resolve, reject) => {
      const read = (chunk: Buffer): void => {
        this.output += chunk.toString();
        if (this.output.includes('collecting')) resolve();
      };
      child.stdout.on('data', read);
      child.stderr.on('data', read);
      child.once('exit', (code) => reject(new Error(`the gateway ended (${code}):\n${this.output}`)));
    });
    await collecting;
  }

  /** Starts, and waits until every source is connected: what is published to a broker before nobody has asked for. */
  async startConnected(): Promise<void> {
    await this.start();
    const deadline = performance.now() + CONNECTED_WITHIN_MS;
    for (;;) {
      const { sources } = await this.status();
      if (sources.every((source) => source.state === 'connected')) return;
      if (performance.now() > deadline) throw new Error(`not connected: ${JSON.stringify(sources)}\n${this.output}`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  /** Resolves with the exit code once it has ended, by itself or not; null after a signal. */
  async ended(): Promise<number | null> {
    const child = this.#child;
    if (child !== null && child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    return child?.exitCode ?? null;
  }

  /** SIGTERM; resolves with the exit code. */
  async stop(): Promise<number | null> {
    const child = this.#child;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return child?.exitCode ?? null;
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    await ended;
    return child.exitCode;
  }

  /** SIGKILL: no chance to tidy up. */
  async kill(): Promise<void> {
    const child = this.#child;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  }

  command(...args: string[]): Promise<CommandResult> {
    return new Promise((resolve) => {
      execFile(process.execPath, [this.#options.cli ?? CLI, ...args], this.#spawnOptions(), (error, stdout, stderr) => {
        const code = error === null ? 0 : typeof error.code === 'number' ? error.code : null;
        resolve({ code, stdout, stderr });
      });
    });
  }

  async status(): Promise<Status> {
    const result = await this.command('status', '--json');
    if (!result.stdout.startsWith('{')) throw new Error(`no status: ${result.code} ${result.stderr}\n${this.output}`);
    return JSON.parse(result.stdout) as Status;
  }

  #spawnOptions(): { cwd: string; env: NodeJS.ProcessEnv; stdio: ['ignore', 'pipe', 'pipe'] } {
    const inherited = Object.fromEntries(
      Object.entries(process.env).filter(
        ([name]) => !/^(GATEWAY_|MQTT_|TENANT|API_TOKEN|DYNATRACE|NODE_OPTIONS|VITEST)/.test(name),
      ),
    );
    // Tests kill it more often than any house does.
    const harness = { GATEWAY_DATA_DIR: join(this.#options.dir, 'data'), GATEWAY_SAFE_MODE: 'false' };
    const env = { ...harness, ...inherited, ...this.#options.env };
    return { cwd: this.#options.dir, env, stdio: ['ignore', 'pipe', 'pipe'] };
  }
}

/** The equation of the ledger, for every sink; call it after whatever a test did. */
export function unbalanced(status: Status): string[] {
  const { messages, used, duplicates, refused, ignored } = status.intake;
  const intake = messages === used + duplicates + refused + ignored ? [] : [`intake: ${JSON.stringify(status.intake)}`];
  return [
    ...intake,
    ...status.sinks
      .filter(
        ({ ledger: l }) => l.accepted !== l.delivered + l.late + l.pending + l.expired + l.evicted + l.deadLettered,
      )
      .map((sink) => `${sink.name}: ${JSON.stringify(sink.ledger)}`),
  ];
}
