/** A meter without a clock, a broker, a sink that can be offline, and a gateway on a faked machine: what process tests of time share. */
import { expect, onTestFinished } from 'vitest';
import { join } from 'node:path';
import { MINUTE, type DurationMs, type EpochMs } from '../../src/model/time.ts';
import { openInspector } from '../../src/queue/open-inspector.ts';
import type { Ledger, QueueReport } from '../../src/queue/queue.ts';
import { clockState, daemonState, sourceState } from '../../src/report/state-documents.ts';
import type { Status } from '../../src/report/status.ts';
import { startBroker, type TestBroker } from './broker-for-tests.ts';
import { seriesOf, startDynatrace, type StandIn, TOKEN } from './dynatrace.ts';
import type { FaultRow } from './fault-report.ts';
import { FakedMachine } from './faked-machine.ts';
import { GatewayProcess, unbalanced } from './gateway-process.ts';
import { tempDir } from './temp-dir.ts';

const SOON = { timeout: 60_000, interval: 100 };
/** The sink's Date is cut to seconds, and messages take their way on a busy machine. */
const ACCURACY: DurationMs = 5_000;

export class ClockHousehold {
  readonly machine: FakedMachine;
  readonly dynatrace: StandIn;
  readonly gateway: GatewayProcess;
  /** True time of each reading, by its value in watts. */
  readonly measured = new Map<number, EpochMs>();
  readonly #broker: TestBroker;
  readonly #trueOffset: () => DurationMs;
  readonly #dataDir: string;

  private constructor(parts: {
    machine: FakedMachine;
    dynatrace: StandIn;
    gateway: GatewayProcess;
    broker: TestBroker;
    trueOffset: () => DurationMs;
    dir: string;
  }) {
    this.machine = parts.machine;
    this.dynatrace = parts.dynatrace;
    this.gateway = parts.gateway;
    this.#broker = parts.broker;
    this.#trueOffset = parts.trueOffset;
    this.#dataDir = join(parts.dir, 'data');
  }

  /** The sink is offline; the gateway does not run. `trueOffset`: true time minus this machine's. */
  static async begin(trueOffset: () => DurationMs = () => 0): Promise<ClockHousehold> {
    const dir = tempDir();
    const machine = new FakedMachine(dir);
    const broker = await startBroker();
    const dynatrace = await startDynatrace({ now: () => Date.now() + trueOffset() });
    onTestFinished(() => dynatrace.stop());
    await dynatrace.offline();
    const gateway = new GatewayProcess({
      dir,
      ...machine.options,
      yaml: `
queue: { linger: 200ms }
sources:
  - { type: mqtt, name: meter, url: "mqtt://127.0.0.1:${broker.port}", topics: [amis/data] }
sinks:
  - { type: dynatrace, name: dynatrace, url: "${dynatrace.url}", token: ${TOKEN}, resolution: raw, flush: 1s }
`,
    });
    return new ClockHousehold({ machine, dynatrace, gateway, broker, trueOffset, dir });
  }

  /** Starts the gateway; resolves when it hears the meter. */
  async start(): Promise<void> {
    await this.gateway.start();
    await until(
      () => {
        const { state } = this.report();
        // Until its first beat the documents are those of the run before.
        return { pid: daemonState(state)?.pid, source: sourceState(state, 'meter')?.state };
      },
      { pid: this.gateway.pid, source: 'connected' },
    );
  }

  /** Tells one value; resolves when the gateway has stored it. */
  async measure(): Promise<void> {
    const n = this.measured.size + 1;
    this.measured.set(n, Date.now() + this.#trueOffset());
    await this.#broker.publish('amis/data', `{"1.7.0":${n}}`);
    await until(() => this.report().intake, { readings: n });
  }

  /** Resolves when the ledger says so. */
  async untilLedger(ledger: Partial<Ledger>): Promise<void> {
    await until(() => this.report().sinks[0]?.ledger, ledger);
  }

  /** Resolves when the gateway says this of its clock; the offset is right to half a minute. */
  async untilClock(state: Status['clock']['state'], offsetMs: DurationMs): Promise<void> {
    await until(
      () => {
        const clock = clockState(this.report().state);
        return { state: clock?.state, near: Math.abs((clock?.offsetMs ?? 0) - offsetMs) < MINUTE / 2 };
      },
      { state, near: true },
    );
  }

  /** What `gateway status` says; fails when a ledger does not balance. */
  async status(): Promise<Status> {
    const status = await this.gateway.status();
    const wrong = unbalanced(status);
    if (wrong.length > 0) throw new Error(`unbalanced: ${wrong.join(', ')}`);
    return status;
  }

  /** A row for the table of faults; each reading has one value. */
  row(fault: string, rounds: number): FaultRow {
    const ledger = this.report().sinks[0]?.ledger;
    if (ledger === undefined) throw new Error('no sink is registered');
    const { accepted, delivered, late, pending, expired, evicted, deadLettered } = ledger;
    const arrived = this.arrived();
    return {
      fault,
      rounds,
      acknowledged: this.measured.size,
      lost: this.measured.size - accepted,
      duplicates: arrived.length - new Set(arrived.map(({ n }) => n)).size,
      unaccounted: accepted - (delivered + late + pending + expired + evicted + deadLettered),
    };
  }

  /** Read in this process: a command costs a second of a busy machine. */
  report(): QueueReport {
    const inspector = openInspector(this.#dataDir);
    try {
      const report = inspector.report(Date.now() + this.#trueOffset());
      if (report === null) throw new Error('there is no database');
      return report;
    } finally {
      inspector.close();
    }
  }

  /** What arrived, in order of value: how far its time is from the true one, `right` within what the protocols can tell. */
  arrived(): { readonly n: number; readonly errorMs: DurationMs | 'right' }[] {
    return seriesOf(this.dynatrace, 'smartmeter.power.active.import')
      .flatMap(({ slots }) => slots)
      .flatMap((slot) => slot.arrivals)
      .map(({ at, value }) => ({ at, n: Math.round(Number(value.replace('gauge,', '')) * 1000) }))
      .toSorted((a, b) => a.n - b.n)
      .map(({ at, n }) => ({ n, errorMs: at - (this.measured.get(n) ?? Number.NaN) }))
      .map(({ n, errorMs }) => ({ n, errorMs: Math.abs(errorMs) <= ACCURACY ? 'right' : errorMs }));
  }
}

/** What `arrived` should say of these values. */
export function right(...values: number[]): { readonly n: number; readonly errorMs: 'right' }[] {
  return values.map((n) => ({ n, errorMs: 'right' }));
}

async function until(look: () => unknown, expected: object): Promise<void> {
  await expect.poll(look, SOON).toMatchObject(expected);
}
