import { expect, it } from 'vitest';
import { fold } from '../../../../src/dispatch/fold.ts';
import type { Claim } from '../../../../src/queue/queue.ts';
import { Claims } from '../../../../src/queue/work/claims.ts';
import { Pruning } from '../../../../src/queue/work/pruning.ts';
import { at, DYNATRACE, M0, REQUEST, T0 } from '../../../support/queue-fixture.ts';
import { appendOf, type TestReading } from '../../../support/queue-readings.ts';
import { recordedStore, type RecordedStore } from '../../../support/recorded-store.ts';

const VALUES = { 'power.active.import': 507, 'power.active.export': 0 };
/** Of a round of ten devices 20 values: a claim takes two devices of twelve rounds. */
const BOUNDS = { values: 50, lines: 30 };
const FOLDED = { ...REQUEST, count: 'folded', maxItems: 4, dueBefore: M0 + 1, liveFrom: M0 + 1 } as const;

function round(seconds: number, devices = 10): TestReading[] {
  return Array.from({ length: devices }, (_, i) => ({ at: at(0, seconds), device: `meter-${i}`, values: VALUES }));
}

function largeMinute(devices = 10, bounds = BOUNDS): RecordedStore {
  const queue = recordedStore([DYNATRACE], bounds);
  for (let second = 0; second < 60; second += 5) queue.store.append(appendOf(round(second, devices)));
  return queue;
}

function claim({ store }: RecordedStore): Claim {
  const claimed = store.claim(FOLDED);
  if (claimed === null) throw new Error('nothing was claimed');
  return claimed;
}

function settle({ store }: RecordedStore, { id, readings }: Claim, count = readings.length): void {
  store.settle({ claim: id, readings: count, deadLetters: [], tooOld: [], now: T0 });
  store.flush();
}

const devicesOf = ({ readings }: Claim): string[] => [
  ...new Set(Array.from(readings.origin, (origin) => readings.origins[origin]?.device ?? '')),
];

it('sends a minute that no claim holds device by device: one line per series', () => {
  const queue = largeMinute();
  const lines: number[] = [];
  for (let next = queue.store.claim(FOLDED); next !== null; next = queue.store.claim(FOLDED)) {
    lines.push(fold(next.readings).length);
    expect(next.readings.values.length).toBeLessThanOrEqual(BOUNDS.values);
    settle(queue, next);
  }
  expect(lines).toEqual([4, 4, 4, 4, 4]);
  expect(queue.store.report(T0).sinks[0]?.ledger).toMatchObject({ delivered: 240, pending: 0 });
});

it('gives only what comes after their minute behind a claim of devices: how far they came is not known yet', () => {
  const queue = largeMinute();
  const behindIt = { ...FOLDED, dueBefore: M0 + 2, liveFrom: M0 + 2 };
  const first = queue.store.claim(behindIt);
  expect(first?.more).toBe(true);
  const alone = { ...behindIt, behind: first?.id ?? 0 };
  expect(queue.store.claim(alone)).toBeNull();
  queue.store.append(appendOf([{ at: at(1), values: VALUES }]));
  const ahead = queue.store.claim(alone);
  expect([...(ahead?.readings.at ?? [])]).toEqual([at(1)]);
  if (first !== null) settle(queue, first);
  if (ahead !== null) settle(queue, ahead);
  for (let next = queue.store.claim(behindIt); next !== null; next = queue.store.claim(behindIt)) settle(queue, next);
  expect(queue.store.report(T0).sinks[0]?.ledger).toMatchObject({ pending: 0, expired: 0, deadLettered: 0 });
});

it('says behind a claim of devices that more is due, also where the rest of their minute is all there is', () => {
  const queue = largeMinute();
  queue.store.append(appendOf([{ at: at(1), values: VALUES }]));
  const bothMinutes = { ...FOLDED, dueBefore: M0 + 2, liveFrom: M0 + 2 };
  const first = queue.store.claim(bothMinutes);
  const ahead = queue.store.claim({ ...bothMinutes, behind: first?.id ?? 0 });
  expect([...(ahead?.readings.at ?? [])]).toEqual([at(1)]);
  expect(ahead?.more).toBe(true);
});

it('looks at such a minute once for each claim', () => {
  const queue = largeMinute(100, { values: 600, lines: 500 });
  queue.statements.clear();
  let claims = 0;
  for (let next = queue.store.claim(FOLDED); next !== null; next = queue.store.claim(FOLDED)) {
    settle(queue, next);
    claims++;
  }
  // 2,400 values, of which a claim is filled nine tenths.
  expect(claims).toBe(5);
  expect(queue.statements.run.filter((sql) => /origin BETWEEN/.test(sql))).toHaveLength(claims - 1);
});

it('goes on with the device it stopped at, also within one', () => {
  const queue = largeMinute();
  settle(queue, claim(queue), 18);
  const next = claim(queue);
  expect(devicesOf(next)).toEqual(['meter-1', 'meter-2']);
  expect(next.readings.length).toBe(6 + 12);
});

it('owes what comes meanwhile alone, when the last device has gone', () => {
  const queue = largeMinute(3);
  settle(queue, claim(queue));
  queue.store.append(appendOf(round(57, 3)));
  const rest = claim(queue);
  expect([devicesOf(rest), rest.readings.length]).toEqual([['meter-2', 'meter-0', 'meter-1'], 12 + 3]);
});

it('holds the minute from other lanes and from time while devices of it are on their way', () => {
  const queue = largeMinute();
  settle(queue, claim(queue));
  claim(queue);
  expect(queue.store.claim({ ...FOLDED, lane: 'live', liveFrom: M0 })).toBeNull();
  for (const _ of queue.store.advance(at(2 * 24 * 60)));
  expect(queue.store.report(T0).sinks[0]?.ledger).toMatchObject({ delivered: 48, pending: 192, expired: 0 });
});

it('sends the rest reading by reading on a route that does not fold', () => {
  const queue = largeMinute();
  settle(queue, claim(queue));
  const rest = queue.store.claim({ ...FOLDED, count: 'readings', maxItems: 20 });
  if (rest === null) throw new Error('nothing was claimed');
  expect(rest.readings.length).toBe(20);
  expect(devicesOf(rest)).toEqual(Array.from({ length: 8 }, (_, i) => `meter-${i + 2}`));
  expect([...rest.readings.id]).toEqual([...rest.readings.id].toSorted((a, b) => a - b));
});

it('forgets how far it had come with the last of the minute', () => {
  const queue = largeMinute();
  const parts = queue.statements.connection.prepare('SELECT count(*) FROM owed_parts').pluck();
  settle(queue, claim(queue));
  expect(parts.get()).toBe(1);
  for (const _ of queue.store.advance(at(2 * 24 * 60)));
  expect(parts.get()).toBe(0);
});

it('evicts of such a minute only what is still owed', () => {
  const queue = largeMinute();
  settle(queue, claim(queue));
  const { database, sinks, boot } = queue.store;
  for (const _ of new Pruning(database, sinks, new Claims(), boot).keepWithin(0, T0));
  expect(queue.store.report(T0).sinks[0]?.ledger).toMatchObject({ delivered: 48, pending: 0, evicted: 192 });
});
