import { describe, expect, it, onTestFinished } from 'vitest';
import { DAY, HOUR } from '../../../../src/model/time.ts';
import { openStore } from '../../../../src/queue/work/open-store.ts';
import type { Store } from '../../../../src/queue/work/store.ts';
import { at, DYNATRACE, M0, queueOptions, REQUEST, T0, TestQueue } from '../../../support/queue-fixture.ts';
import { appendOf, type TestReading } from '../../../support/queue-readings.ts';
import { silentLog } from '../../../support/silent-log.ts';
import { tempDir } from '../../../support/temp-dir.ts';

const MIB = 1024 ** 2;
/** About 800 bytes a reading, so that a megabyte is soon full. */
const WIDE = Object.fromEntries(Array.from({ length: 90 }, (_, i) => [`q.${i}`, i + 1 / 3]));

function wide(minute: number, count: number): TestReading[] {
  return Array.from({ length: count }, (_, i) => ({ at: at(minute, i / 100), values: WIDE }));
}

it('removes settled readings after the retention, and never one that is pending', async () => {
  const test = await TestQueue.open({ retentionMs: HOUR, ttlMs: 30 * DAY });
  await test.append({ at: at(0) }, { at: at(1) }, { at: at(2) });
  await test.settle(await test.claim(), { readings: 1 });
  expect(await test.queue.advance(at(59))).toMatchObject({ pruned: 0 });
  expect(await test.queue.advance(at(62))).toMatchObject({ pruned: 1 });
  expect(await test.report()).toMatchObject({ storedReadings: 2, pendingReadings: 2 });
});

it('removes readings of unknown time from years ahead when the history stored after them has passed the retention', async () => {
  const AHEAD = 12 * 365 * DAY;
  const ahead = await TestQueue.open({ unconfirmed: true, sinks: [] });
  await ahead.append({ at: T0 + AHEAD }, { at: T0 + AHEAD + HOUR });
  await ahead.close();
  const test = await TestQueue.open({ dataDir: ahead.dataDir, bootId: 'boot-2', retentionMs: HOUR, sinks: [] });
  await test.append({ at: at(0) }, { at: at(30) });
  expect(await test.queue.advance(at(59))).toMatchObject({ pruned: 0 });
  expect(await test.report()).toMatchObject({ storedReadings: 4 });
  expect(await test.queue.advance(at(62))).toMatchObject({ pruned: 3 });
  expect(await test.report()).toMatchObject({ storedReadings: 1 });
});

it('keeps readings from years ahead while their time may still become known, whatever history goes', async () => {
  const before = await TestQueue.open({ sinks: [] });
  await before.append({ at: at(0) });
  await before.close();
  const test = await TestQueue.open({ dataDir: before.dataDir, bootId: 'boot-2', unconfirmed: true, sinks: [] });
  await test.append({ at: T0 + 12 * 365 * DAY });
  expect(await test.queue.advance(at(0) + 8 * DAY)).toMatchObject({ pruned: 1 });
  expect(await test.report()).toMatchObject({ storedReadings: 1 });
});

it('keeps readings of unknown time from 1970 for as long as the history that was stored after them', async () => {
  const in1970 = await TestQueue.open({ unconfirmed: true, sinks: [] });
  await in1970.append({ at: HOUR });
  await in1970.close();
  const test = await TestQueue.open({ dataDir: in1970.dataDir, bootId: 'boot-2', retentionMs: HOUR, sinks: [] });
  await test.append({ at: at(0) });
  expect(await test.queue.advance(at(59))).toMatchObject({ pruned: 0 });
  expect(await test.queue.advance(at(62))).toMatchObject({ pruned: 2 });
  expect(await test.report()).toMatchObject({ storedReadings: 0 });
});

it('removes many in steps of a bounded size', async () => {
  const test = await TestQueue.open({ sinks: [] });
  await test.append(...Array.from({ length: 3_500 }, (_, i) => ({ at: at(0, i / 100) })));
  expect(await test.queue.advance(T0 + 8 * DAY)).toMatchObject({ pruned: 3_500 });
  expect(await test.report()).toMatchObject({ storedReadings: 0 });
});

it('removes the oldest settled readings first when the budget is reached', async () => {
  const test = await TestQueue.open({ budgetBytes: MIB });
  await test.append(...wide(0, 700));
  await test.settle(await test.claim({ count: 'readings' }));
  await test.append(...wide(1, 700));
  const advanced = await test.queue.advance(at(2));
  expect(advanced).toMatchObject({ evicted: 0 });
  expect(advanced.pruned).toBeGreaterThan(0);
  expect(await test.report()).toMatchObject({ pendingReadings: 700, lastEvictionAt: null });
});

it('evicts the oldest pending readings when nothing settled is left, and counts them', async () => {
  const test = await TestQueue.open({ budgetBytes: MIB });
  for (let minute = 0; minute < 6; minute++) await test.append(...wide(minute, 300));
  const { evicted } = await test.queue.advance(at(6));
  const report = await test.report();
  expect(evicted).toBeGreaterThan(0);
  expect(report.sinks[0]?.ledger).toMatchObject({ accepted: 1_800 * 90, evicted });
  expect(report).toMatchObject({ lastEvictionAt: at(6), oldestPendingAt: expect.any(Number) as number });
  expect(report.oldestPendingAt).toBeGreaterThan(at(0));
});

it('drops dead letters before it evicts a reading that is pending, and keeps their count', async () => {
  const test = await TestQueue.open({ budgetBytes: MIB });
  await test.append(...wide(0, 300));
  const samples = Array.from({ length: 300 }, (_, i) => [at(0, i / 100), 1 / 3] as const);
  const letter = { device: 'meter', samples, reason: 'bad line' };
  const deadLetters = Object.keys(WIDE).map((quantity) => ({ ...letter, quantity }));
  await test.settle(await test.claim({ count: 'readings' }), { deadLetters });
  await test.append(...wide(1, 700));
  expect((await test.report()).sinks[0]).toMatchObject({ deadValues: 27_000 });
  expect(await test.queue.advance(at(2))).toMatchObject({ evicted: 0 });
  expect(await test.report()).toMatchObject({
    pendingReadings: 700,
    sinks: [{ deadValues: 0, ledger: { deadLettered: 27_000 } }],
  });
});

it('makes room in the middle of an append when the file is at its limit', async () => {
  const test = await TestQueue.open({ budgetBytes: MIB });
  let evicted = 0;
  for (let minute = 0; minute < 40; minute++) evicted += (await test.append(...wide(minute, 300))).evicted;
  expect(evicted).toBeGreaterThan(0);
  const report = await test.report();
  expect(report.sinks[0]?.ledger).toMatchObject({ accepted: 12_000 * 90, evicted });
  expect(report.sizeBytes).toBeLessThan(16 * MIB);
});

it('gives space back after much was removed', async () => {
  const test = await TestQueue.open({ sinks: [] });
  for (let minute = 0; minute < 30; minute++) await test.append(...wide(minute, 400));
  const { sizeBytes } = await test.report();
  await test.queue.advance(T0 + 8 * DAY);
  await test.close();
  const again = await TestQueue.open({ dataDir: test.dataDir });
  expect((await again.report()).sizeBytes).toBeLessThan(sizeBytes / 1.5);
});

function smallStore(): Store {
  const { store } = openStore(queueOptions({ dataDir: tempDir(), budgetBytes: 512 * 1024 }), {
    now: T0,
    startedMono: 0,
    log: silentLog,
    diskSpace: () => ({ freeBytes: 2 ** 40, totalBytes: 2 ** 40 }),
  });
  onTestFinished(() => void store.database.connection.close());
  store.registerSinks([DYNATRACE]);
  for (const _ of store.confirmBoot(null)) continue;
  return store;
}

/** Readings that are evicted at a time. */
const CHUNK = 250;

it('leaves the rest of a minute alone that a lane begins to send while it is being evicted', () => {
  const store = smallStore();
  store.append(appendOf(wide(0, 2_000)));
  const steps = store.advance(at(2));
  while (store.report(T0).storedReadings === 2_000) steps.next();
  const claim = store.claim({ ...REQUEST, dueBefore: M0 + 1, maxItems: 200_000 });
  const readings = claim?.readings.length ?? 0;
  for (const _ of steps) continue;
  store.settle({ claim: claim?.id ?? 0, readings, deadLetters: [], tooOld: [], now: T0 });
  store.flush();
  expect(store.report(T0).sinks[0]?.ledger).toMatchObject({
    pending: (2_000 - CHUNK - readings) * 90,
    delivered: readings * 90,
    evicted: CHUNK * 90,
  });
});

/** With no page left for the dead letter that waits for a commit. */
function fullStore(): Store {
  const store = smallStore();
  store.append(appendOf([{ at: at(0) }]));
  const claim = store.claim({ ...REQUEST, dueBefore: M0 + 1 });
  for (let minute = 1; store.database.usedBytes < 600 * 1024; minute++) store.append(appendOf(wide(minute, 40)));
  const { connection } = store.database;
  connection.pragma(`max_page_count = ${Number(connection.pragma('page_count', { simple: true }))}`);
  const samples = [[at(0), 1]] as const;
  const reason = 'no'.repeat(20_000);
  store.settle({
    claim: claim?.id ?? 0,
    readings: 1,
    deadLetters: [{ device: 'meter', quantity: 'power.active.import', samples, reason }],
    tooOld: [],
    now: T0,
  });
  expect(() => store.flush()).toThrow(/full/);
  return store;
}

describe('a file at its limit', () => {
  it('makes room before it writes what waits when time moves on', () => {
    const store = fullStore();
    const steps = store.advance(at(2));
    let step = steps.next();
    while (step.done !== true) step = steps.next();
    expect(step.value.evicted).toBeGreaterThan(0);
    expect(store.report(T0).sinks[0]?.ledger).toMatchObject({ deadLettered: 1 });
  });

  it('makes room before it writes what waits in the middle of an append', () => {
    const store = fullStore();
    expect(store.append(appendOf([{ at: at(30) }])).evicted).toBeGreaterThan(0);
    expect(store.hasUnsettled).toBe(false);
  });
});
