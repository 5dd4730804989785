/** The real dispatcher between the real queue and real sinks, in one process; time passes two hundred times as fast. */
import { onTestFinished } from 'vitest';
import { Dispatcher } from '../../src/dispatch/dispatcher.ts';
import { type DurationMs, type EpochMs, MINUTE, minuteOf, startOf } from '../../src/model/time.ts';
import { BelievedClock } from '../../src/platform/believed-clock.ts';
import { openInspector } from '../../src/queue/open-inspector.ts';
import type { Inspector } from '../../src/queue/inspector.ts';
import type { Ledger, Queue, QueueReport, SinkReport } from '../../src/queue/queue.ts';
import type { Sink } from '../../src/sinks/sink.ts';
import { HurriedClock } from './hurried-clock.ts';
import { TestQueue } from './queue-fixture.ts';
import type { TestReading } from './queue-readings.ts';
import { expectBalanced } from './queue-recount.ts';
import { silentLog } from './silent-log.ts';

/** Ten past ten, half a minute in. */
export const START: EpochMs = Date.parse('2026-11-20T10:10:30Z');
const SPEED = 200;

export class DispatchStage {
  readonly machine: HurriedClock;
  readonly clock: BelievedClock;
  readonly queue: Queue;
  readonly dispatcher: Dispatcher;
  readonly errors: string[] = [];
  readonly #store: TestQueue;

  private constructor(machine: HurriedClock, store: TestQueue, sinks: readonly Sink[]) {
    this.machine = machine;
    this.#store = store;
    this.queue = store.queue;
    this.clock = new BelievedClock({ clock: machine, buildDate: 0, newestStored: null, log: silentLog });
    this.clock.onConfirmed(() => this.queue.confirmBoot(null));
    this.dispatcher = new Dispatcher({
      queue: this.queue,
      sinks,
      clock: this.clock,
      machineClock: machine,
      random: Math.random,
      log: {
        ...silentLog,
        child: () => ({ ...silentLog, error: (fields, text) => this.#note(text, fields) }),
      },
      health: () => Promise.resolve([{ key: 'gateway.queue.pending', value: 1, dimensions: {} }]),
    });
  }

  /** With the sinks registered and nothing started; `machine` should be the clock of everything else that tells time. */
  static async open(machine: HurriedClock, sinks: readonly Sink[]): Promise<DispatchStage> {
    const store = await TestQueue.open({
      unconfirmed: true,
      sinks: sinks.map(({ name, type, backfill, routes }) => ({
        name,
        type,
        backfill,
        routes: routes.map((route) => ({ name: route.name, behindMs: route.behindMs })),
      })),
    });
    const stage = new DispatchStage(machine, store, sinks);
    stage.queue.onForeignChange(() => stage.dispatcher.foreignChange());
    onTestFinished(async () => {
      await stage.dispatcher.stop(2_000 * SPEED);
      await Promise.all(sinks.map((sink) => sink.close()));
    });
    return stage;
  }

  static hurriedClock(speed = SPEED): HurriedClock {
    return new HurriedClock(START, speed);
  }

  get dataDir(): string {
    return this.#store.dataDir;
  }

  get inspector(): Inspector {
    const inspector = openInspector(this.#store.dataDir);
    onTestFinished(() => inspector.close());
    return inspector;
  }

  /** So many whole minutes before the one that runs now, and so far into that minute. */
  at(minutesAgo: number, into: DurationMs = 0): EpochMs {
    return startOf(minuteOf(this.machine.wallMs()) - minutesAgo) + into;
  }

  async store(...readings: TestReading[]): Promise<void> {
    const { values } = await this.#store.append(...readings);
    this.dispatcher.wake(values);
  }

  /** Readings of so many devices `d0`, `d1` …, of one value each, measured in one minute. */
  storeDevices(count: number, minutesAgo: number): Promise<void> {
    const at = this.at(minutesAgo, MINUTE / 2);
    return this.store(...Array.from({ length: count }, (_, i) => ({ at, device: `d${i}` })));
  }

  report(): Promise<QueueReport> {
    return this.queue.report(this.clock.now());
  }

  async sink(name = 'dynatrace'): Promise<SinkReport> {
    const found = (await this.report()).sinks.find((sink) => sink.name === name);
    if (found === undefined) throw new Error(`no sink ${name}`);
    return found;
  }

  async ledger(name = 'dynatrace'): Promise<Ledger> {
    return (await this.sink(name)).ledger;
  }

  /** Holds the report against the rows. Only while nothing moves. */
  async expectBalanced(): Promise<void> {
    expectBalanced(this.#store.dataDir, await this.report());
  }

  /** What a route says about itself in the queue's state documents. */
  async route(name: string, sink = 'dynatrace'): Promise<unknown> {
    return (await this.report()).state[`sink:${sink}:${name}`];
  }

  #note(text: string, fields: object): void {
    if (!text.startsWith('blocked')) this.errors.push(`${text} ${'err' in fields ? String(fields.err) : ''}`);
  }
}
