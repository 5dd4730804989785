import { expect, it, vi } from 'vitest';
import { HOUR } from '../../../../src/model/time.ts';
import { encodeValues } from '../../../../src/queue/values-codec.ts';
import { Duplicates } from '../../../../src/queue/work/duplicates.ts';
import { at, M0, TestQueue } from '../../../support/queue-fixture.ts';
import { appendOf } from '../../../support/queue-readings.ts';
import { recordedStore } from '../../../support/recorded-store.ts';

const READING = {
  at: at(0, 1),
  deviceTime: at(0, 1),
  values: { 'power.active.import': 501, 'energy.active.import': 7 },
};

it('stores a reading once, however often it comes, and counts its message as a duplicate', async () => {
  const test = await TestQueue.open();
  await test.append(READING);
  expect(await test.append(READING, READING)).toEqual({ readings: 0, values: 0, duplicates: 2, evicted: 0 });
  expect(
    await test.append(
      { ...READING, at: at(0, 2), deviceTime: at(0, 2) },
      { ...READING, at: at(0, 2), deviceTime: at(0, 2) },
    ),
  ).toMatchObject({
    readings: 1,
    duplicates: 1,
  });
  expect(await test.report()).toMatchObject({
    storedReadings: 2,
    intake: { messages: 5, used: 2, duplicates: 3, values: 4 },
  });
});

it.each([
  ['another value', { values: { 'power.active.import': 502, 'energy.active.import': 7 } }],
  ['another device time', { deviceTime: at(0, 2) }],
  ['no device time', { deviceTime: Number.NaN }],
  ['another device', { device: 'other' }],
  ['another serial number', { serial: '4711' }],
  ['another quantity', { values: { 'power.active.export': 501, 'energy.active.import': 7 } }],
])('takes a reading for a new one that has %s', async (_, change) => {
  const test = await TestQueue.open();
  await test.append(READING);
  expect(await test.append({ ...READING, ...change })).toMatchObject({ readings: 1, duplicates: 0 });
});

it('knows a reading again that another source brings', async () => {
  const test = await TestQueue.open();
  await test.append(READING);
  expect(await test.append({ ...READING, source: 'second-broker' })).toMatchObject({ duplicates: 1 });
});

it('knows a reading again after a restart', async () => {
  const test = await TestQueue.open();
  await test.append(READING);
  await test.close();
  const again = await TestQueue.open({ dataDir: test.dataDir });
  expect(await again.append(READING)).toMatchObject({ readings: 0, duplicates: 1 });
});

it('knows a reading again that is stored under the time it was received', async () => {
  const test = await TestQueue.open();
  const yesterday = at(-1440);
  await test.append({ ...READING, at: at(0), deviceTime: yesterday });
  expect(await test.append({ ...READING, at: at(95), deviceTime: yesterday })).toMatchObject({
    readings: 0,
    duplicates: 1,
  });
  await test.close();
  const again = await TestQueue.open({ dataDir: test.dataDir });
  expect(await again.append({ ...READING, at: at(99), deviceTime: yesterday })).toMatchObject({
    readings: 0,
    duplicates: 1,
  });
});

it('stores what is new in a message, and calls it used', async () => {
  const test = await TestQueue.open();
  await test.append(READING);
  const second = { ...READING, device: 'second', message: 0 };
  expect(await test.append({ ...READING, message: 0 }, second)).toEqual({
    readings: 1,
    values: 2,
    duplicates: 0,
    evicted: 0,
  });
});

it('stores nothing that follows from a duplicate, and what follows from a new reading beside it', async () => {
  const test = await TestQueue.open();
  const site = { at: at(0, 1), deviceTime: at(0, 1), device: 'site', derived: true, message: 0 };
  const derived = (surplus: number) => ({ ...site, values: { 'site.surplus': surplus } });
  expect(await test.append({ ...READING, message: 0 }, derived(1))).toMatchObject({ readings: 2, duplicates: 0 });
  expect(await test.append({ ...READING, message: 0 }, derived(2))).toEqual({
    readings: 0,
    values: 0,
    duplicates: 1,
    evicted: 0,
  });
  const other = { ...READING, device: 'second', message: 0 };
  expect(await test.append({ ...READING, message: 0 }, derived(3), other)).toMatchObject({ readings: 1, values: 2 });
  expect(await test.report()).toMatchObject({
    intake: { messages: 3, used: 2, duplicates: 1, readings: 3, values: 5 },
  });
});

it('knows a reading again that is older than the retention and still pending', async () => {
  const test = await TestQueue.open({ retentionMs: HOUR });
  const displaced = { ...READING, deviceTime: at(-5) };
  await test.append({ at: at(-3) });
  await test.settle(await test.claim());
  await test.append(displaced);
  expect(await test.queue.advance(at(2 * 60))).toMatchObject({ pruned: 1 });
  await test.close();
  const again = await TestQueue.open({ dataDir: test.dataDir, retentionMs: HOUR });
  expect(await again.append({ ...displaced, at: at(2 * 60) })).toMatchObject({ duplicates: 1 });
});

it('knows a reading again at any place behind it in the same append', async () => {
  for (let between = 0; between < 10; between++) {
    const others = Array.from({ length: between }, (_, i) => ({ ...READING, device: `other-${i}` }));
    const test = await TestQueue.open();
    expect(await test.append(READING, ...others, READING)).toMatchObject({ readings: 1 + between, duplicates: 1 });
    await test.close();
  }
});

it('inserts nothing of an append that was rolled back with the next one', () => {
  const { store } = recordedStore();
  const { readings } = store.database.tables;
  const full = Object.assign(new Error('database or disk is full'), { code: 'SQLITE_FULL' });
  vi.spyOn(readings, 'insertAll').mockImplementationOnce(() => {
    throw full;
  });
  expect(() => store.append(appendOf([READING]))).toThrow(full);
  expect(store.append(appendOf([READING, { ...READING, device: 'other' }]))).toMatchObject({ readings: 2 });
  expect(readings.page(M0, 0, 10)).toHaveLength(2);
});

it('knows a reading that was moved into a minute it has looked at, once it was told to forget', () => {
  const { tables } = recordedStore().store.database;
  const origin = tables.origins.idOf({ source: 'meter', device: 'grid-meter', serial: null });
  const shape = tables.shapes.idOf(['power.active.import']);
  const data = encodeValues(new Float64Array([501]), 0, 1);
  const reading = { minute: M0, origin, shape, deviceTime: at(0), data };
  const duplicates = new Duplicates(tables);
  expect(duplicates.isStored(reading)).toBe(false);
  tables.readings.insert({ ...reading, id: 1, at: at(0), received: null, mono: 0, boot: 1, flags: 0 });
  duplicates.forget();
  expect(duplicates.isStored(reading)).toBe(true);
});
