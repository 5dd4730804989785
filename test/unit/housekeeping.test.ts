import { afterEach, describe, expect, it } from 'vitest';
import { Housekeeping } from '../../src/housekeeping.ts';
import { DAY, MINUTE, SECOND } from '../../src/model/time.ts';
import { BelievedClock } from '../../src/platform/believed-clock.ts';
import type { QueueReport } from '../../src/queue/queue.ts';
import { REPORT, SUMMARY } from '../support/queue-report.ts';
import { silentLog } from '../support/silent-log.ts';
import { SteppedClock } from '../support/stepped-clock.ts';

/** The wall clock at the start: never set, so that no time service of this machine confirms it. */
const NEVER_SET = Date.UTC(2001, 0, 1);
const TRUE_TIME = Date.UTC(2026, 10, 20, 14);

interface Put {
  readonly key: string;
  readonly value: unknown;
  readonly withinMs: number;
}

let stop = (): Promise<void> => Promise.resolve();
afterEach(() => stop());

describe('what the daemon says of itself', () => {
  it('is said at once after the start, so that the beat of the run before is not taken for its own', async () => {
    const { puts } = await started();
    expect(puts.find(({ key }) => key === 'daemon')?.withinMs).toBe(0);
  });

  it('is said anew, with the right start, as soon as a wrong clock is corrected', async () => {
    const { puts, machine, clock } = await started();
    await machine.advance(4 * SECOND);
    clock.observeServerDate('dynatrace', TRUE_TIME, machine.monoMs());
    await machine.advance(2 * SECOND);
    expect(puts.findLast(({ key }) => key === 'daemon')?.value).toMatchObject({
      startedAt: TRUE_TIME - 4 * SECOND,
      beatAt: TRUE_TIME + 2 * SECOND,
    });
  });

  it('is not said while the queue gives no answer', async () => {
    const { puts, machine, queue } = await started();
    queue.hangs = true;
    const before = puts.filter(({ key }) => key === 'daemon').length;
    await machine.advance(5 * MINUTE);
    expect(puts.filter(({ key }) => key === 'daemon')).toHaveLength(before);
    queue.release();
  });
});

async function started() {
  const machine = new SteppedClock(NEVER_SET);
  const clock = new BelievedClock({ clock: machine, buildDate: TRUE_TIME - DAY, newestStored: null, log: silentLog });
  const queue = new AnsweringQueue();
  const dispatcher = { stalledMs: 0 };
  const hangs: string[] = [];
  const housekeeping = new Housekeeping({
    config: { warnings: [] },
    summary: SUMMARY,
    queue,
    clock,
    machineClock: machine,
    intake: { failure: null, problems: () => [] },
    dispatcher,
    safeMode: { problems: () => [] },
    sources: [],
    log: silentLog,
    onHang: (error) => hangs.push(error.message),
  });
  stop = () => housekeeping.stop();
  await housekeeping.start();
  return { puts: queue.puts, queue, dispatcher, hangs, machine, clock };
}

class AnsweringQueue {
  readonly puts: Put[] = [];
  hangs = false;
  readonly #released = Promise.withResolvers<void>();

  putState(key: string, value: unknown, withinMs: number): void {
    this.puts.push({ key, value, withinMs });
  }

  async report(): Promise<QueueReport> {
    if (this.hangs) await this.#released.promise;
    return REPORT;
  }

  release(): void {
    this.#released.resolve();
  }
}
