/**
 * A supervised gateway, a meter that publishes all the time and a stand-in that takes nothing until it is told to. With the
 * gateway's own broker every acknowledged reading must be in the database; with Mosquitto, at the stand-in in the end.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Inspector } from '../../src/queue/inspector.ts';
import { openInspector } from '../../src/queue/open-inspector.ts';
import type { ProblemCode } from '../../src/model/problem.ts';
import type { Salvage } from '../../src/queue/queue.ts';
import type { Status } from '../../src/report/status.ts';
import { startBroker } from './broker-for-tests.ts';
import { seriesOf, startDynatrace, TOKEN, type StandIn } from './dynatrace.ts';
import type { FaultRow } from './fault-report.ts';
import { freePort } from './free-port.ts';
import { unbalanced } from './gateway-process.ts';
import { PersistentMeter } from './persistent-meter.ts';
import { SupervisedGateway } from './supervised-gateway.ts';
import { tempDir } from './temp-dir.ts';
import { until } from './until.ts';

/** Longer than the gateway waits before it tries to store again. */
const QUIET_MS = 15_000;
const KEEPS_ALL = { config: ['allow_anonymous true', 'max_queued_messages 0'] };

export interface DiskFaultOptions {
  /** Default: a folder of its own. */
  readonly dataDir?: string;
  /** Default: the gateway's own. */
  readonly broker?: 'embedded' | 'mosquitto';
  readonly env?: Readonly<Record<string, string>>;
  /** Of the configuration: `{ budget: 16MiB }`. */
  readonly queue?: string;
}

export class DiskFaultScene {
  readonly gateway: SupervisedGateway;
  readonly meter: PersistentMeter;
  readonly dynatrace: StandIn;
  readonly dataDir: string;

  private constructor(gateway: SupervisedGateway, meter: PersistentMeter, dynatrace: StandIn, dataDir: string) {
    this.gateway = gateway;
    this.meter = meter;
    this.dynatrace = dynatrace;
    this.dataDir = dataDir;
  }

  /** Nothing is started yet. */
  static async set({
    dataDir,
    broker = 'embedded',
    env = {},
    queue = '{ linger: 20ms, minFreeDisk: 0MiB }',
  }: DiskFaultOptions = {}): Promise<DiskFaultScene> {
    const dir = tempDir();
    const data = dataDir ?? join(dir, 'data');
    mkdirSync(data, { recursive: true, mode: 0o700 });
    const dynatrace = await startDynatrace();
    onTestFinished(() => dynatrace.stop());
    // It confirms the clock and takes nothing.
    dynatrace.fault({ kind: 'status', status: 503 });
    const port = broker === 'embedded' ? await freePort() : (await startBroker(KEEPS_ALL)).port;
    const scheme = broker === 'embedded' ? 'embedded' : 'mqtt';
    const gateway = new SupervisedGateway({
      dir,
      env: { GATEWAY_DATA_DIR: data, ...env },
      yaml: `
queue: ${queue}
sources:
  - { type: mqtt, name: meter, url: "${scheme}://127.0.0.1:${port}", topics: [amis/data] }
sinks:
  - { type: dynatrace, name: dynatrace, url: "${dynatrace.url}", token: ${TOKEN}, resolution: raw, flush: 1s }
`,
    });
    return new DiskFaultScene(gateway, new PersistentMeter(`mqtt://127.0.0.1:${port}`), dynatrace, data);
  }

  /** Starts the gateway and the meter; resolves when readings are being acknowledged. */
  async start(): Promise<void> {
    this.gateway.start();
    // A broker keeps nothing for a session that was never there.
    await this.collecting();
    this.meter.start();
    await this.moreAcknowledged(20);
  }

  /** Resolves when the gateway runs with its source connected. */
  async collecting(): Promise<void> {
    await until(
      () => this.gateway.process.status(),
      ({ daemon, sources }) => daemon.running && sources.every(({ state }) => state === 'connected'),
    );
  }

  get database(): string {
    return join(this.dataDir, 'queue.db');
  }

  async moreAcknowledged(count: number): Promise<void> {
    const wanted = this.meter.acknowledged.size + count;
    await until(
      () => this.meter.acknowledged.size,
      (size) => size >= wanted,
    );
  }

  /** The status, once it names the problem. */
  problem(code: ProblemCode): Promise<Status> {
    return until(
      () => this.gateway.process.status(),
      ({ problems }) => problems.some((problem) => problem.code === code),
    );
  }

  /** Lets the stand-in take everything, and waits until all that was acknowledged is there, or nothing comes any more. */
  async drain(gone: ReadonlySet<number> = new Set()): Promise<Status> {
    await this.meter.stop();
    this.dynatrace.heal();
    let messages = -1;
    let quietSince = 0;
    return until(
      () => this.gateway.process.status(),
      ({ queue, intake }) => {
        if (intake.messages > messages) quietSince = performance.now();
        messages = intake.messages;
        const complete = this.#missing(new Set([...gone, ...this.arrived()])) === 0;
        return queue.pendingValues === 0 && (complete || performance.now() - quietSince > QUIET_MS);
      },
    );
  }

  /** Values in the database. */
  stored(): ReadonlySet<number> {
    return this.#inspect((inspector) => {
      const pages = [...inspector.history({ from: 0, to: Number.MAX_SAFE_INTEGER })];
      return new Set(pages.flatMap((page) => [...page.values].map(Math.round)));
    });
  }

  salvaged(): Salvage | null {
    return this.#inspect((inspector) => inspector.report(Date.now())?.salvaged ?? null);
  }

  /** Values that have come to the stand-in, in W; and how many of them more than once. */
  arrived(): ReadonlySet<number> {
    const series = seriesOf(this.dynatrace, 'smartmeter.power.active.import');
    const arrivals = series.flatMap(({ slots }) => slots.flatMap((slot) => slot.arrivals));
    return new Set(arrivals.map(({ value }) => Math.round(Number(value.replace('gauge,', '')) * 1000)));
  }

  /** The row of the table, of a fault whose acknowledged readings must be among those given. */
  row(fault: string, status: Status, kept: ReadonlySet<number>): FaultRow {
    return {
      fault,
      rounds: 1,
      acknowledged: this.meter.acknowledged.size,
      lost: this.#missing(kept),
      duplicates: 0,
      unaccounted: unbalanced(status).length,
    };
  }

  #inspect<T>(look: (inspector: Inspector) => T): T {
    const inspector = openInspector(this.dataDir);
    try {
      return look(inspector);
    } finally {
      inspector.close();
    }
  }

  #missing(kept: ReadonlySet<number>): number {
    return [...this.meter.acknowledged].filter((n) => !kept.has(n)).length;
  }
}
