import { expect, it } from 'vitest';
import { DAY, HOUR } from '../../../../src/model/time.ts';
import { at, DYNATRACE, TestQueue } from '../../../support/queue-fixture.ts';

it('moves what is older than a route takes to the next one, and expires what no route takes', async () => {
  const test = await TestQueue.open();
  await test.append({ at: at(0) }, { at: at(30) });
  expect(await test.queue.advance(at(61))).toMatchObject({ wentLate: 1, expired: 0 });
  expect((await test.report(at(61))).sinks[0]?.routes).toEqual([
    { name: 'metrics', pendingValues: 1 },
    { name: 'late', pendingValues: 1 },
  ]);
  expect(await test.queue.advance(at(23 * 60 + 1))).toMatchObject({ wentLate: 1, expired: 1 });
  expect(await test.ledger()).toMatchObject({ accepted: 2, expired: 1, pending: 1 });
  expect(await test.report()).toMatchObject({ storedReadings: 2 });
});

it('expires at once what nothing but metrics would have taken', async () => {
  const test = await TestQueue.open({ sinks: [{ ...DYNATRACE, routes: [{ name: 'metrics', behindMs: HOUR }] }] });
  await test.append({ at: at(0) });
  expect(await test.queue.advance(at(61))).toMatchObject({ wentLate: 0, expired: 1 });
});

it('expires what is older than the ttl, whatever a route would take', async () => {
  const test = await TestQueue.open({
    ttlMs: 2 * HOUR,
    sinks: [{ ...DYNATRACE, routes: [{ name: 'file', behindMs: Number.POSITIVE_INFINITY }] }],
  });
  await test.append({ at: at(0) }, { at: at(10) });
  expect(await test.queue.advance(at(121))).toMatchObject({ expired: 1 });
  expect(await test.ledger()).toMatchObject({ expired: 1, pending: 1 });
});

it('leaves alone what is on its way', async () => {
  const test = await TestQueue.open();
  await test.append({ at: at(0) });
  const claim = await test.claim();
  expect(await test.queue.advance(at(61))).toMatchObject({ wentLate: 0 });
  await test.settle(claim);
  await test.queue.advance(at(61));
  expect(await test.ledger()).toMatchObject({ delivered: 1, late: 0, pending: 0 });
});

it('expires a whole day at once', async () => {
  const test = await TestQueue.open();
  await test.append(...Array.from({ length: 1_500 }, (_, minute) => ({ at: at(minute) })));
  expect(await test.queue.advance(at(3 * 24 * 60))).toMatchObject({ expired: 1_500 });
  expect(await test.ledger()).toMatchObject({ expired: 1_500, pending: 0 });
});

it('lets values that are pending from dead letters go late and expire as well', async () => {
  const test = await TestQueue.open();
  await test.append({ at: at(0) });
  const samples = [[at(0), 1]] as const;
  await test.settle(await test.claim(), {
    tooOld: [{ device: 'meter', quantity: 'power.active.import', samples, reason: '' }],
  });
  expect(await test.queue.advance(at(23 * 60 + 1))).toMatchObject({ expired: 1 });
  expect(await test.ledger()).toMatchObject({ accepted: 1, expired: 1, pending: 0 });
});

it('says how much no route will take in ten and in sixty minutes', async () => {
  const test = await TestQueue.open();
  await test.append({ at: at(0) }, { at: at(40) });
  const report = await test.report(at(22 * 60 + 55));
  expect(report.sinks[0]?.expiringWithinMinutes).toEqual({ 10: 1, 60: 2 });
});

it('owes on the first route what waited for a route that the sink no longer has', async () => {
  const test = await TestQueue.open();
  await test.append({ at: at(0) });
  expect(await test.queue.advance(at(62))).toMatchObject({ wentLate: 1 });
  await test.queue.registerSinks([{ ...DYNATRACE, routes: [{ name: 'metrics', behindMs: DAY }] }]);
  expect((await test.claim())?.readings.length).toBe(1);
});
