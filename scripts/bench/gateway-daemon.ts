import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { QueueReport } from '../../src/queue/queue.ts';
import { openInspector } from '../../src/queue/open-inspector.ts';
import type { Status } from '../../src/report/status.ts';
import { Child, cleanEnvironment } from './child.ts';
import { SERVICE_ENVIRONMENT, type Program } from './program.ts';
import type { Stage } from './stage.ts';

export interface GatewaySetup {
  readonly dataDir: string;
  readonly brokerPort: number;
  /** Default 127.0.0.1. */
  readonly brokerHost?: string;
  readonly sinkUrl: string;
  /** A file with the certificate of an https sink. */
  readonly ca?: string;
  readonly resolution?: '1m' | 'raw';
  readonly protocol?: '5' | '3.1.1';
  readonly linger?: string;
  /** The program with arguments that runs another one in a world of its own. */
  readonly launcher?: readonly string[];
}

/** Exit codes of a command that did what it was asked: also where the daemon does not run, or fails for now. */
const DONE: readonly number[] = [0, 3, 4];

/** How late the main event loop was. */
export interface LoopDelay {
  readonly p99Ms: number;
  readonly maxMs: number;
  /** The p99 of a process that did nothing meanwhile: how late the machine made everybody. */
  readonly bystanderP99Ms: number;
}

/** Topics of the benchmark's devices: `meters/<device>/data`. */
export const TOPIC = 'meters/+/data';

/** The gateway as it is installed, with a configuration of its own; started and stopped as often as a scenario likes. */
export class GatewayDaemon {
  readonly #stage: Stage;
  readonly #program: Program;
  readonly #config: string;
  readonly #dataDir: string;
  readonly #launcher: readonly string[];
  readonly #loopDelayFile: string;
  #child: Child | null = null;
  #bystander: Child | null = null;

  constructor(stage: Stage, program: Program, setup: GatewaySetup) {
    this.#stage = stage;
    this.#program = program;
    this.#dataDir = setup.dataDir;
    this.#launcher = setup.launcher ?? [];
    this.#config = join(stage.dir, `${basename(setup.dataDir)}.yaml`);
    this.#loopDelayFile = join(stage.dir, `${basename(setup.dataDir)}.loop-delay.json`);
    writeFileSync(this.#config, yamlOf(setup));
  }

  get pid(): number {
    if (this.#child === null || this.#child.hasEnded)
      throw new Error(`the gateway has ended:\n${this.#child?.output ?? ''}`);
    return this.#child.pid;
  }

  /** Resolves when it collects. */
  async start(): Promise<void> {
    const run = [process.execPath, this.#program.cli, 'run', '--config', this.#config];
    const [command = '', ...args] = [...this.#launcher, ...run];
    const env = serviceWithProbe(this.#loopDelayFile);
    const child = Child.start(this.#stage, { name: 'gateway', command, args, env });
    this.#child = child;
    await child.line(/collecting/);
  }

  /** Forgets how late the event loop was until now. */
  resetLoopDelay(): void {
    process.kill(this.pid, 'SIGUSR2');
    const env = serviceWithProbe(`${this.#loopDelayFile}.bystander`);
    const args = ['--eval', BYSTANDER];
    this.#bystander ??= Child.start(this.#stage, { name: 'bystander', command: process.execPath, args, env });
  }

  /** Of the last run, since it was reset, once the gateway has stopped. */
  get loopDelay(): LoopDelay {
    const own = readDelay(this.#loopDelayFile);
    return { ...own, bystanderP99Ms: readDelay(`${this.#loopDelayFile}.bystander`).p99Ms };
  }

  async stop(): Promise<void> {
    // Ended while it starts, it would leave no figure.
    await this.#bystander?.line(/standing by/);
    await this.#bystander?.stop();
    this.#bystander = null;
    const child = this.#child;
    if (child === null) return;
    const code = await child.stop();
    if (code !== 0) throw new Error(`the gateway ended with ${code}:\n${child.output}`);
  }

  /** What `gateway status --json` prints, and how long the whole command took. */
  status(): { readonly status: Status; readonly tookMs: number } {
    const { stdout, tookMs } = this.command('status', '--json');
    return { status: JSON.parse(stdout) as Status, tookMs };
  }

  /** What a command of the gateway prints, and how long the whole process took. Throws when it failed. */
  command(
    name: string,
    ...options: string[]
  ): { readonly stdout: string; readonly said: string; readonly tookMs: number } {
    const before = performance.now();
    const args = [this.#program.cli, name, ...options, '--config', this.#config];
    const { stdout, stderr, status } = spawnSync(process.execPath, args, { encoding: 'utf8', env: cleanEnvironment() });
    const tookMs = performance.now() - before;
    if (status === null || !DONE.includes(status)) throw new Error(`gateway ${name} ended with ${status}: ${stderr}`);
    return { stdout, said: stderr, tookMs };
  }

  /** Resolves when its source is connected and its clock is confirmed, so that what follows is told from a cold start. */
  async ready(): Promise<void> {
    await this.#stage.until(200, () => {
      const { clock, sources } = this.status().status;
      return clock.state !== 'unconfirmed' && sources.every(({ state }) => state === 'connected') ? true : null;
    });
  }

  /** Reads the queue again and again, without the command line in between, until the answer is not null. */
  async watch<T>(everyMs: number, look: (report: QueueReport, atMs: number) => T | null): Promise<T> {
    const inspector = openInspector(this.#dataDir);
    try {
      return await this.#stage.until(everyMs, () => {
        // Throws when the gateway has ended: nothing would ever change.
        void this.pid;
        const report = inspector.report(Date.now());
        return report === null ? null : look(report, performance.now());
      });
    } finally {
      inspector.close();
    }
  }

  report(): QueueReport {
    return readReport(this.#dataDir);
  }
}

/** Throws when there is no database. */
export function readReport(dataDir: string): QueueReport {
  const inspector = openInspector(dataDir);
  try {
    const report = inspector.report(Date.now());
    if (report === null) throw new Error(`no database in ${dataDir}`);
    return report;
  } finally {
    inspector.close();
  }
}

const BYSTANDER =
  "setInterval(() => {}, 1000); process.once('SIGTERM', () => process.exit(0)); console.log('standing by')";

function readDelay(file: string): { readonly p99Ms: number; readonly maxMs: number } {
  return JSON.parse(readFileSync(file, 'utf8')) as { p99Ms: number; maxMs: number };
}

const PROBE = new URL('loop-delay-probe.mjs', import.meta.url).href;

/** The daemon's; a person's commands have none of it. */
function serviceWithProbe(file: string): NodeJS.ProcessEnv {
  const { GATEWAY_DATA_DIR: _, NODE_OPTIONS = '', ...service } = SERVICE_ENVIRONMENT;
  const options = `${NODE_OPTIONS} --import ${PROBE}`;
  return cleanEnvironment({ ...service, NODE_OPTIONS: options, BENCH_LOOP_DELAY_FILE: file });
}

/** A budget that ten million readings do not exceed: what is measured here is the pace. */
function yamlOf(setup: GatewaySetup): string {
  const { dataDir, brokerHost = '127.0.0.1', brokerPort, sinkUrl, ca } = setup;
  const { resolution = '1m', protocol = 'auto', linger = '1s' } = setup;
  return `dataDir: ${JSON.stringify(dataDir)}
queue:
  linger: ${linger}
  budget: 8GiB
sources:
  - type: mqtt
    name: meter
    url: mqtt://${brokerHost}:${brokerPort}
    protocol: '${protocol}'
    clientId: ${basename(dataDir)}
    topics: [${TOPIC}]
    profile: amis
    device: '{2}'
sinks:
  - type: dynatrace
    name: dynatrace
    url: ${sinkUrl}
    token: dt0c01.of-no-use
    resolution: ${resolution}
${ca === undefined ? '' : `    ca: ${ca}\n`}`;
}
