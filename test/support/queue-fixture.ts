import { onTestFinished } from 'vitest';
import { DAY, HOUR, MINUTE, minuteOf, type EpochMs } from '../../src/model/time.ts';
import { openQueue } from '../../src/queue/open-queue.ts';
import type {
  Claim,
  ClaimRequest,
  Opening,
  Queue,
  QueueOptions,
  QueueReport,
  Settlement,
  SinkRegistration,
} from '../../src/queue/queue.ts';
import { appendOf, type TestReading } from './queue-readings.ts';
import { expectBalanced } from './queue-recount.ts';
import { silentLog } from './silent-log.ts';
import { tempDir } from './temp-dir.ts';

/** The beginning of a minute, 2026-11-20 14:00 UTC. */
export const T0: EpochMs = Date.UTC(2026, 10, 20, 14);
export const M0 = minuteOf(T0);

export const DYNATRACE: SinkRegistration = {
  name: 'dynatrace',
  type: 'dynatrace',
  backfill: false,
  routes: [
    { name: 'metrics', behindMs: HOUR },
    { name: 'late', behindMs: 23 * HOUR },
  ],
};

export interface TestQueueOptions extends Partial<QueueOptions> {
  readonly sinks?: readonly SinkRegistration[];
  /** Leave the boot's clock unconfirmed. */
  readonly unconfirmed?: boolean;
}

/** The real queue in a temporary directory, with shorthands. Closed with the test. */
export class TestQueue {
  readonly queue: Queue;
  readonly opening: Opening;
  readonly dataDir: string;
  #closed = false;

  private constructor(queue: Queue, opening: Opening, dataDir: string) {
    this.queue = queue;
    this.opening = opening;
    this.dataDir = dataDir;
  }

  static async open({
    sinks = [DYNATRACE],
    unconfirmed = false,
    ...changes
  }: TestQueueOptions = {}): Promise<TestQueue> {
    const dataDir = changes.dataDir ?? tempDir();
    const deaths: Error[] = [];
    const { queue, opening } = await openQueue(queueOptions({ ...changes, dataDir }), {
      log: silentLog,
      onDeath: (error) => deaths.push(error),
    });
    const test = new TestQueue(queue, opening, dataDir);
    onTestFinished(async () => {
      if (deaths.length === 0) await test.close();
    });
    await queue.registerSinks(sinks);
    if (!unconfirmed) await queue.confirmBoot(null);
    return test;
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.queue.close();
  }

  append(...readings: TestReading[]): ReturnType<Queue['append']> {
    return this.queue.append(appendOf(readings));
  }

  /** What the backlog lane of the first route gives, everything before `T0` plus an hour being due. */
  claim(changes: Partial<ClaimRequest> = {}): Promise<Claim | null> {
    return this.queue.claim({ ...REQUEST, ...changes });
  }

  settle(claim: Claim | null, changes: Partial<Settlement> = {}): Promise<void> {
    if (claim === null) throw new Error('nothing was claimed');
    const { length } = claim.readings;
    return this.queue.settle({
      claim: claim.id,
      readings: length,
      deadLetters: [],
      tooOld: [],
      now: T0 + HOUR,
      ...changes,
    });
  }

  /** The report, after everything in it was held against the rows. */
  async report(now: EpochMs = T0): Promise<QueueReport> {
    const report = await this.queue.report(now);
    expectBalanced(this.dataDir, report);
    return report;
  }

  async ledger(sink = 'dynatrace'): Promise<QueueReport['sinks'][number]['ledger']> {
    const found = (await this.report()).sinks.find(({ name }) => name === sink);
    if (found === undefined) throw new Error(`no sink ${sink}`);
    return found.ledger;
  }
}

export const REQUEST: ClaimRequest = {
  sink: 'dynatrace',
  route: 'metrics',
  lane: 'backlog',
  dueBefore: M0 + 60,
  liveFrom: M0 + 60,
  oldest: M0 - 24 * 60,
  maxItems: 1_000,
  count: 'values',
};

export function queueOptions(changes: Partial<QueueOptions> & { readonly dataDir: string }): QueueOptions {
  return {
    ttlMs: DAY,
    retentionMs: 7 * DAY,
    budgetBytes: 64 * 1024 ** 2,
    minFreeDiskBytes: 0,
    bootId: 'boot-1',
    ...changes,
  };
}

/** The instant so many minutes and seconds after T0. */
export function at(minutes: number, seconds = 0): EpochMs {
  return T0 + minutes * MINUTE + seconds * 1000;
}
