/** What the queue's work costs, counted instead of timed: statements, rows, pages of the log, bytes read, lines. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { fold } from '../../../../src/dispatch/fold.ts';
import { MINUTE } from '../../../../src/model/time.ts';
import type { Claim } from '../../../../src/queue/queue.ts';
import { at, M0, REQUEST, T0 } from '../../../support/queue-fixture.ts';
import { appendOf, type TestReading } from '../../../support/queue-readings.ts';
import { recordedStore, type RecordedStore } from '../../../support/recorded-store.ts';

const METER = { 'energy.active.import': 52_680_160, 'power.active.import': 507, 'power.active.export': 0 };
const AMIS = {
  'energy.active.import': 52_680_160,
  'energy.active.export': 22_571_990,
  'energy.reactive.import': 1_429_460,
  'energy.reactive.export': 3_086_146,
  'power.active.import': 907,
  'power.active.export': 507,
  'power.reactive.import': 0,
  'power.reactive.export': 256,
  'power.active.saldo': -400,
  'energy.inkasso': 0,
};
const FRAME_BYTES = 4096 + 24;
/** The kernel's count of what this thread has read, from the page cache or the disk. */
const THREAD_IO = '/proc/thread-self/io';

/** A reading per device, each in a message of its own, with its device's time. */
function round(time: number, devices: number): TestReading[] {
  return Array.from({ length: devices }, (_, i) => ({
    at: time,
    deviceTime: time,
    receivedAt: time + 13,
    device: `meter-${i}`,
    values: METER,
  }));
}

function statementsOf({ statements }: RecordedStore, work: () => void): { count: number; rows: number; sql: string[] } {
  statements.clear();
  work();
  return { count: statements.run.length, rows: statements.rows, sql: [...statements.run] };
}

function bytesRead(): number {
  return Number(/^rchar: (\d+)$/m.exec(readFileSync(THREAD_IO, 'utf8'))?.[1]);
}

/** One reading a minute, so many minutes long. */
function withBacklog(minutes: number): RecordedStore {
  const queue = recordedStore();
  const readings = Array.from({ length: minutes }, (_, i) => ({ at: T0 - i * MINUTE, values: METER }));
  for (let i = 0; i < minutes; i += 1_000) queue.store.append(appendOf(readings.slice(i, i + 1_000)));
  queue.store.database.emptyWal();
  return queue;
}

const BACKLOG = { ...REQUEST, oldest: M0 - 100_000, dueBefore: M0 + 1, liveFrom: M0 + 1, maxItems: 9 };

describe('an append', () => {
  it('asks a statement per eight readings, and as many more for eight readings as for a thousand', () => {
    const queue = recordedStore();
    queue.store.append(appendOf(round(at(0), 1_000)));
    const beside = [8, 1_000].map((devices, i) => {
      const { count } = statementsOf(queue, () => queue.store.append(appendOf(round(at(0, i + 1), devices))));
      return count - devices / 8;
    });
    expect(beside[0]).toBe(beside[1]);
    expect(beside[0]).toBeLessThanOrEqual(13);
  });

  it('touches three pages, and a few more when its readings begin a new one', () => {
    const { store, path } = recordedStore();
    store.append(appendOf(round(at(0), 10)));
    const before = statSync(`${path}-wal`).size;
    const commits = 100;
    for (let i = 1; i <= commits; i++) store.append(appendOf(round(at(0, i / 2), 10)));
    const bytes = statSync(`${path}-wal`).size - before;
    expect(bytes / FRAME_BYTES / commits).toBeGreaterThan(3);
    expect(bytes / FRAME_BYTES / commits).toBeLessThan(3.8);
    expect(bytes / (10 * commits)).toBeLessThan(1_550);
  });
});

describe('a reading', () => {
  it('of ten values of an AMIS meter takes 75 bytes of the table at most', () => {
    const { store, statements } = recordedStore();
    store.append(appendOf(round(at(0), 2_000).map((reading) => ({ ...reading, mono: 86_400_000, values: AMIS }))));
    const { bytes } = statements.connection
      .prepare<[], { bytes: number }>(
        "SELECT sum(pgsize - unused) / sum(ncell) AS bytes FROM dbstat WHERE name = 'readings' AND pagetype = 'leaf'",
      )
      .get() ?? { bytes: Number.NaN };
    expect(bytes).toBeGreaterThan(40);
    expect(bytes).toBeLessThanOrEqual(75);
  });
});

describe('a settle', () => {
  it('asks a fixed number of statements per minute, however many readings it settles', () => {
    const counts = [10, 1_000].map((devices) => {
      const queue = recordedStore();
      queue.store.append(appendOf(round(at(0), devices)));
      const claim = queue.store.claim({ ...BACKLOG, maxItems: 10_000 });
      expect(claim?.readings.length).toBe(devices);
      const { count } = statementsOf(queue, () => settle(queue, claim));
      return count;
    });
    expect(counts[0]).toBe(counts[1]);
    expect(counts[0]).toBeLessThanOrEqual(5);
  });
});

describe('a claim', () => {
  it('asks the same of a long backlog as of a short one', () => {
    const [short, long] = [300, 6_000].map((minutes) => {
      const queue = withBacklog(minutes);
      return statementsOf(queue, () => expect(queue.store.claim(BACKLOG)?.readings.length).toBe(3));
    });
    expect(long).toEqual(short);
  });

  it.skipIf(!existsSync(THREAD_IO))('reads hardly more of the file when twenty times as much is pending', () => {
    const [short = 0, long = 0] = [300, 6_000].map((minutes) => {
      const { store } = withBacklog(minutes);
      store.database.connection.pragma('shrink_memory');
      const before = bytesRead();
      expect(store.claim(BACKLOG)?.readings.length).toBe(3);
      return bytesRead() - before;
    });
    expect(short).toBeGreaterThan(4096);
    // A level more of each tree.
    expect(long - short).toBeLessThanOrEqual(4 * 4096);
  });

  it('becomes one line per series and minute, also when a minute has more series than a batch takes', () => {
    const { store } = recordedStore();
    const [devices, rounds, minutes] = [700, 4, 3];
    for (let minute = 0; minute < minutes; minute++)
      for (let i = 0; i < rounds; i++) store.append(appendOf(round(at(-minute, i * 15), devices)));
    const lines: number[] = [];
    const request = { ...BACKLOG, count: 'folded', maxItems: 1_000 } as const;
    for (let claim = store.claim(request); claim !== null; claim = store.claim(request)) {
      lines.push(fold(claim.readings).length);
      store.settle({ claim: claim.id, readings: claim.readings.length, deadLetters: [], tooOld: [], now: T0 });
    }
    expect(lines).toEqual(Array.from({ length: minutes }, () => devices * Object.keys(METER).length));
  });
});

/** Settles all of a claim, and commits. */
function settle({ store }: RecordedStore, claim: Claim | null): void {
  if (claim === null) throw new Error('nothing was claimed');
  store.settle({ claim: claim.id, readings: claim.readings.length, deadLetters: [], tooOld: [], now: T0 });
  store.flush();
}
