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
    const heard = { pid: this.gateway.pid, source: 'connected' };
    await expect
      .poll(() => {
        const { state } = this.report();
        // Until its first beat the documents are those of the run before.
        return { pid: daemonState(state)?.pid, source: sourceState(state, 'meter')?.state };
      }, SOON)
      .toEqual(heard);
  }

  /** Tells one value; resolves when the gateway has stored it. */
  async measure(): Promise<void> {
    const n = this.measured.size + 1;
    this.measured.set(n, Date.now() + this.#trueOffset());
    await this.#broker.publish('amis/data', `{"1.7.0":${n}}`);
    await expect.poll(() => this.report().intake.readings, SOON).toBe(n);
  }

  /** Resolves when the ledger says so. */
  async untilLedger(ledger: Partial<Ledger>): Promise<void> {
    await expect.poll(() => this.report().sinks[0]?.ledger, SOON).toMatchObject(ledger);
  }

  /** Resolves when the gateway says this of its clock; the offset is right to a few seconds. */
  async untilClock(state: Status['clock']['state'], offsetMs: DurationMs): Promise<void> {
    await expect
      .poll(() => {
        const clock = clockState(this.report().state);
        return { state: clock?.state, near: Math.abs((clock?.offsetMs ?? 0) - offsetMs) < MINUTE / 2 };
      }, SOON)
      .toEqual({ state, near: true });
  }

  /** What `gateway status` says; its ledger must balance. */
  async status(): Promise<Status> {
    const status = await this.gateway.status();
    expect(unbalanced(status)).toEqual([]);
    return status;
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

  /** Holds what arrived against what was measured: exactly these readings, each once, each at its true time. */
  expectArrived(...values: number[]): void {
    const arrivals = seriesOf(this.dynatrace, 'smartmeter.power.active.import')
      .flatMap(({ slots }) => slots)
      .flatMap((slot) => slot.arrivals)
      .map(({ at, value }) => ({ n: Math.round(Number(value.replace('gauge,', '')) * 1000), at }));
    expect(arrivals.map(({ n }) => n).toSorted((a, b) => a - b)).toEqual(values);
    const wrong = arrivals.filter(({ n, at }) => Math.abs(at - (this.measured.get(n) ?? 0)) > ACCURACY);
    expect(wrong).toEqual([]);
  }
}
