/**
 * A gateway without threads and sockets: the real intake, store and dispatcher on clocks that the test moves. Its machine can be
 * switched off, come back with a wrong wall clock, and be stepped under the running gateway. True time is known to the test alone.
 */
import { onTestFinished } from 'vitest';
import { PROFILES } from '../../src/devices/registry.ts';
import { Dispatcher } from '../../src/dispatch/dispatcher.ts';
import { Intake } from '../../src/intake/intake.ts';
import type { Outcome } from '../../src/model/outcome.ts';
import { DAY, MINUTE, SECOND, type DurationMs, type EpochMs, type MonoMs } from '../../src/model/time.ts';
import { BelievedClock } from '../../src/platform/believed-clock.ts';
import type { Ledger, Queue, QueueReport } from '../../src/queue/queue.ts';
import { openStore } from '../../src/queue/work/open-store.ts';
import type { Inlet } from '../../src/sources/source.ts';
import type { FaultRow } from './fault-report.ts';
import { accepted, FakeSink, unreachable, type SentItem } from './fake-sink.ts';
import { InlineQueue } from './inline-queue.ts';
import { queueOptions } from './queue-fixture.ts';
import { expectBalanced } from './queue-recount.ts';
import { silentLog } from './silent-log.ts';
import { SteppedClock, settled } from './stepped-clock.ts';
import { tempDir } from './temp-dir.ts';

/** True time when a stage begins. */
export const TRUE_START: EpochMs = Date.UTC(2026, 10, 20, 14, 0, 30);
const BUILT: EpochMs = Date.UTC(2026, 10, 1);

export interface StageOptions {
  readonly ttlMs?: DurationMs;
  readonly retentionMs?: DurationMs;
}

interface Running {
  readonly queue: InlineQueue;
  readonly clock: BelievedClock;
  readonly intake: Intake;
  readonly dispatcher: Dispatcher;
  readonly inlet: Inlet;
}

type FaultToll = Omit<FaultRow, 'fault' | 'rounds'>;

/** Sums over many lives. */
export class Toll {
  sums: FaultToll = { acknowledged: 0, lost: 0, duplicates: 0, unaccounted: 0 };

  add({ acknowledged, lost, duplicates, unaccounted }: FaultToll): void {
    const { sums } = this;
    this.sums = {
      acknowledged: sums.acknowledged + acknowledged,
      lost: sums.lost + lost,
      duplicates: sums.duplicates + duplicates,
      unaccounted: sums.unaccounted + Math.abs(unaccounted),
    };
  }
}

export class ClockStage {
  readonly sink = new FakeSink('raw');
  /** True time of each reading that was acknowledged, by its device: every reading has one of its own. */
  readonly acknowledged = new Map<string, EpochMs>();
  /** What the gateway did, and when on the monotonic clock: commits, requests, what time did to the queue. */
  readonly trace: string[] = [];
  readonly errors: string[] = [];
  /** What the sink answers; it is offline until it is told otherwise. */
  answer: (now: EpochMs) => Outcome = () => unreachable;
  readonly #dataDir = tempDir();
  readonly #delivered: { name: string; at: EpochMs }[] = [];
  readonly #options: StageOptions;
  #machine = new SteppedClock(TRUE_START);
  #bootMono: MonoMs = this.#machine.monoMs();
  #bootTrue: EpochMs = TRUE_START;
  #boots = 0;
  #count = 0;
  #running: Running | null = null;

  constructor(options: StageOptions = {}) {
    this.#options = options;
    for (const name of ['metrics', 'late'] as const) {
      this.sink.behaviour[name] = ({ items }) => {
        this.#note(`${name} ${items.map(({ device, at }) => `${device}@${at}`).join(' ')}`);
        const outcome = this.answer(this.trueNow());
        if (outcome.kind === 'accepted') this.#delivered.push(...items.map(({ device, at }) => ({ name: device, at })));
        return outcome;
      };
    }
    onTestFinished(() => this.kill());
  }

  get machine(): SteppedClock {
    return this.#machine;
  }

  get clock(): BelievedClock {
    return this.#now().clock;
  }

  get wallError(): DurationMs {
    return this.#machine.wallMs() - this.trueNow();
  }

  trueNow(): EpochMs {
    return this.#bootTrue + (this.#machine.monoMs() - this.#bootMono);
  }

  /** Power comes back after a while, with a wall clock that is wrong by so much. */
  boot(wallError: DurationMs, offForMs: DurationMs = 0): void {
    this.#bootTrue = this.trueNow() + offForMs;
    this.#machine = new SteppedClock(this.#bootTrue + wallError);
    this.#bootMono = this.#machine.monoMs();
    this.#boots++;
  }

  /** The wall clock is set so that it is wrong by so much. */
  setWallError(error: DurationMs): void {
    this.#machine.step(error - this.wallError);
  }

  online(): void {
    this.answer = (now) => ({ ...accepted, serverDate: now });
  }

  offline(): void {
    this.answer = () => unreachable;
  }

  /** Starts the gateway; it finds what its last run left. */
  async start(): Promise<void> {
    const machineClock = this.#machine;
    const { store, opening } = openStore(
      queueOptions({ dataDir: this.#dataDir, bootId: `boot-${this.#boots}`, ...this.#options }),
      {
        now: machineClock.wallMs(),
        startedMono: machineClock.monoMs(),
        log: silentLog,
        diskSpace: () => ({ freeBytes: 2 ** 40, totalBytes: 2 ** 40 }),
      },
    );
    const queue = this.#traced(new InlineQueue(store, machineClock));
    const clock = new BelievedClock({
      clock: machineClock,
      buildDate: BUILT,
      newestStored: opening.newestAt,
      log: silentLog,
    });
    const dispatcher = new Dispatcher({
      queue,
      sinks: [this.sink],
      clock,
      machineClock,
      random: () => 0.5,
      log: { ...silentLog, child: () => ({ ...silentLog, error: (fields, text) => this.#complain(text, fields) }) },
      health: () => Promise.resolve([{ key: 'gateway.queue.pending', value: 1, dimensions: {} }]),
    });
    const intake = new Intake({
      queue,
      clock,
      machineClock,
      site: null,
      lingerMs: SECOND,
      log: silentLog,
      onAppended: (values) => dispatcher.wake(values),
    });
    const inlet = intake.inlet({
      name: 'meter',
      profile: PROFILES.amis({}),
      device: '{1}',
      trustTime: { behindMs: DAY, aheadMs: 2 * MINUTE },
      window: () => 256,
    });
    this.#running = { queue, clock, intake, dispatcher, inlet };
    const { name, type, backfill, routes } = this.sink;
    await queue.registerSinks([
      { name, type, backfill, routes: routes.map(({ name, behindMs }) => ({ name, behindMs })) },
    ]);
    clock.onConfirmed(({ wallMs, monoMs }) => queue.confirmBoot({ wallMs, monoMs, trustTime: {} }));
    dispatcher.start();
    await settled();
  }

  /** SIGKILL; what was acknowledged is on disk, anything else is gone. */
  async kill(): Promise<void> {
    const running = this.#running;
    this.#running = null;
    if (running === null) return;
    running.queue.kill();
    await running.dispatcher.stop(0);
  }

  /** The device tells one value, without a time of its own; the reading's name. */
  measure(): string {
    const name = `r${this.#count++}`;
    const at = this.trueNow();
    const stored = this.#now().inlet.accept({
      topic: name,
      bytes: new TextEncoder().encode('{"1.7.0":5}'),
      retained: false,
      waited: false,
      qos: 1,
      receivedMono: this.#machine.monoMs(),
    });
    void stored.then(
      () => this.acknowledged.set(name, at),
      () => undefined,
    );
    return name;
  }

  /** Time passes; how often the wall clock is looked at does not depend on what the gateway does. */
  async pass(ms: DurationMs): Promise<void> {
    await this.#machine.advance(ms);
    await settled();
    if (this.#running !== null) this.#running.clock.now();
  }

  /** Readings that were in any request, whatever became of it. */
  sent(): SentItem[] {
    return [...this.sink.sent('metrics'), ...this.sink.sent('late')];
  }

  /** Readings that the sink took, with the times they carried. */
  delivered(): readonly { readonly name: string; readonly at: EpochMs }[] {
    return this.#delivered;
  }

  report(): Promise<QueueReport> {
    const { queue, clock } = this.#now();
    return queue.report(clock.now());
  }

  /** The sink's ledger, after it was held against the rows. */
  async ledger(): Promise<Ledger> {
    const report = await this.report();
    expectBalanced(this.#dataDir, report);
    const [sink] = report.sinks;
    if (sink === undefined) throw new Error('no sink is registered');
    return sink.ledger;
  }

  /** What it cost, for the table of faults; each reading has one value. */
  async toll(): Promise<FaultToll> {
    const { accepted, delivered, late, pending, expired, evicted, deadLettered } = await this.ledger();
    return {
      acknowledged: this.acknowledged.size,
      lost: this.acknowledged.size - accepted,
      duplicates: this.#delivered.length - new Set(this.#delivered.map(({ name }) => name)).size,
      unaccounted: accepted - (delivered + late + pending + expired + evicted + deadLettered),
    };
  }

  #now(): Running {
    if (this.#running === null) throw new Error('the gateway is not running');
    return this.#running;
  }

  #traced(queue: InlineQueue): InlineQueue {
    const note = (text: string): void => this.#note(text);
    const append: Queue['append'] = queue.append.bind(queue);
    const advance: Queue['advance'] = queue.advance.bind(queue);
    queue.append = async (given) => {
      const done = await append(given);
      note(`commit ${done.readings}`);
      return done;
    };
    queue.advance = async (now) => {
      const moved = await advance(now);
      if (Object.values(moved).some((n) => n > 0)) note(`advance ${JSON.stringify(moved)}`);
      return moved;
    };
    return queue;
  }

  #note(text: string): void {
    this.trace.push(`${Math.round(this.#machine.monoMs() - this.#bootMono)} ${text}`);
  }

  #complain(text: string, fields: object): void {
    if (this.#running !== null) this.errors.push(`${text} ${'err' in fields ? String(fields.err) : ''}`);
  }
}
