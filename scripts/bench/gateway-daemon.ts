import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { QueueReport } from '../../src/queue/queue.ts';
import { openInspector } from '../../src/queue/open-inspector.ts';
import type { Status } from '../../src/report/status.ts';
import { Child, cleanEnvironment } from './child.ts';
import { NODE_OPTIONS, type Program } from './program.ts';
import type { Stage } from './stage.ts';

export interface GatewaySetup {
  readonly dataDir: string;
  readonly brokerPort: number;
  readonly sinkUrl: string;
  readonly resolution?: '1m' | 'raw';
}

/** Topics of the benchmark's devices: `meters/<device>/data`. */
export const TOPIC = 'meters/+/data';

/** The gateway as it is installed, with a configuration of its own; started and stopped as often as a scenario likes. */
export class GatewayDaemon {
  readonly #stage: Stage;
  readonly #program: Program;
  readonly #config: string;
  readonly #dataDir: string;
  #child: Child | null = null;

  constructor(stage: Stage, program: Program, setup: GatewaySetup) {
    this.#stage = stage;
    this.#program = program;
    this.#dataDir = setup.dataDir;
    this.#config = join(stage.dir, `${basename(setup.dataDir)}.yaml`);
    writeFileSync(this.#config, yamlOf(setup));
  }

  get pid(): number {
    if (this.#child === null || this.#child.hasEnded)
      throw new Error(`the gateway has ended:\n${this.#child?.output ?? ''}`);
    return this.#child.pid;
  }

  /** Resolves when it collects. */
  async start(): Promise<void> {
    const args = [this.#program.cli, 'run', '--config', this.#config];
    const child = Child.start(this.#stage, { name: 'gateway', command: process.execPath, args, env: environment() });
    this.#child = child;
    await child.line(/collecting/);
  }

  async stop(): Promise<void> {
    const child = this.#child;
    if (child === null) return;
    const code = await child.stop();
    if (code !== 0) throw new Error(`the gateway ended with ${code}:\n${child.output}`);
  }

  /** What `gateway status --json` prints, and how long the whole command took. */
  status(): { readonly status: Status; readonly tookMs: number } {
    const before = performance.now();
    const args = [this.#program.cli, 'status', '--json', '--config', this.#config];
    const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', env: environment() });
    const tookMs = performance.now() - before;
    if (!stdout.startsWith('{')) throw new Error(`no status: ${stderr}`);
    return { status: JSON.parse(stdout) as Status, tookMs };
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

function environment(): NodeJS.ProcessEnv {
  return cleanEnvironment({ NODE_ENV: 'production', NODE_OPTIONS });
}

function yamlOf({ dataDir, brokerPort, sinkUrl, resolution = '1m' }: GatewaySetup): string {
  return `dataDir: ${JSON.stringify(dataDir)}
sources:
  - type: mqtt
    name: meter
    url: mqtt://127.0.0.1:${brokerPort}
    topics: [${TOPIC}]
    profile: amis
    device: '{2}'
sinks:
  - type: dynatrace
    name: dynatrace
    url: ${sinkUrl}
    token: dt0c01.of-no-use
    resolution: ${resolution}
`;
}
