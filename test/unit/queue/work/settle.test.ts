import { expect, it } from 'vitest';
import { openInspector } from '../../../../src/queue/open-inspector.ts';
import { HOUR } from '../../../../src/model/time.ts';
import { at, DYNATRACE, M0, T0, TestQueue } from '../../../support/queue-fixture.ts';
import { listed } from '../../../support/queue-readings.ts';

const Q = 'power.active.import';
const refused = (minutes: number, reason = 'bad line') => ({
  device: 'meter',
  quantity: Q,
  samples: [[at(minutes), 1]] as const,
  reason,
});

it('settles a batch except what was refused: those values are dead letters with the text of the sink', async () => {
  const test = await TestQueue.open();
  await test.append({ at: at(0) }, { at: at(1) }, { at: at(2) });
  await test.settle(await test.claim(), { deadLetters: [refused(1)] });
  await test.queue.advance(T0);
  expect(await test.ledger()).toMatchObject({ accepted: 3, delivered: 2, deadLettered: 1, pending: 0 });
  const inspector = openInspector(test.dataDir);
  expect(inspector.deadLetters({})).toMatchObject([
    { sink: 'dynatrace', device: 'meter', quantity: Q, samples: [[at(1), 1]], reason: 'bad line', refusedAt: at(60) },
  ]);
  inspector.close();
});

it('owes values on the next route that were too old for this one, and expires them without one', async () => {
  const only = { ...DYNATRACE, name: 'only', routes: [{ name: 'metrics', behindMs: HOUR }] };
  const test = await TestQueue.open({ sinks: [DYNATRACE, only] });
  await test.append({ at: at(0) }, { at: at(1) });
  for (const sink of ['dynatrace', 'only']) await test.settle(await test.claim({ sink }), { tooOld: [refused(0)] });
  await test.queue.advance(T0);
  expect(await test.ledger('dynatrace')).toMatchObject({ delivered: 1, pending: 1 });
  expect(await test.ledger('only')).toMatchObject({ delivered: 1, pending: 0, expired: 1 });
  const claim = await test.claim({ lane: 'retry', route: 'late', count: 'readings' });
  expect(claim === null ? null : listed(claim.readings, T0)).toEqual([`meter@0: ${Q}=1`]);
  await test.settle(claim);
  await test.queue.advance(T0);
  expect(await test.ledger('dynatrace')).toMatchObject({ delivered: 1, late: 1, pending: 0 });
});

it('makes dead letters pending again on request, delivers them on the retry lane, and refuses them again', async () => {
  const test = await TestQueue.open();
  await test.append({ at: at(0) }, { at: at(1) });
  await test.settle(await test.claim(), { deadLetters: [refused(0), refused(1)] });
  await test.queue.advance(T0);
  const inspector = openInspector(test.dataDir);
  expect(inspector.retryDeadLetters({})).toBe(2);
  expect(inspector.deadLetters({})).toEqual([]);
  expect(await test.ledger()).toMatchObject({ deadLettered: 0, pending: 2 });
  expect(await test.report()).toMatchObject({ pendingReadings: 2, pendingValues: 2, oldestPendingAt: at(0) });

  const claim = await test.claim({ lane: 'retry', count: 'folded' });
  expect(claim?.readings.length).toBe(2);
  await test.settle(claim, { deadLetters: [refused(1, 'still bad')] });
  await test.queue.advance(T0);
  expect(await test.ledger()).toMatchObject({ accepted: 2, delivered: 1, deadLettered: 1, pending: 0 });
  expect(inspector.deadLetters({}).map(({ reason }) => reason)).toEqual(['still bad']);
  inspector.close();
});

it('settles the first samples of a letter and owes the rest', async () => {
  const test = await TestQueue.open();
  await test.append({ at: at(0, 1) }, { at: at(0, 2) }, { at: at(0, 3) });
  const samples = [1, 2, 3].map((second) => [at(0, second), 1] as const);
  await test.settle(await test.claim(), { tooOld: [{ ...refused(0), samples }] });
  await test.queue.advance(T0);
  const late = { lane: 'retry', route: 'late' } as const;
  await test.settle(await test.claim(late), { readings: 2 });
  const rest = await test.claim(late);
  expect(rest === null ? null : listed(rest.readings, T0)).toEqual([`meter@3: ${Q}=1`]);
  expect(await test.ledger()).toMatchObject({ late: 2, pending: 1 });
});

it('gives every value of a letter an id that no reading has or will have', async () => {
  const test = await TestQueue.open();
  await test.append({ at: at(0, 1) }, { at: at(0, 2) });
  const samples = [1, 2].map((second) => [at(0, second), 1] as const);
  await test.settle(await test.claim(), { tooOld: [{ ...refused(0), samples }] });
  await test.append({ at: at(3) });
  const retry = await test.claim({ lane: 'retry', route: 'late' });
  const fresh = await test.claim();
  expect(new Set([1, 2, ...(retry?.readings.id ?? []), ...(fresh?.readings.id ?? [])]).size).toBe(5);
});

it('throws when more is refused than was settled', async () => {
  const test = await TestQueue.open();
  await test.append({ at: at(0) });
  const claim = await test.claim();
  await expect(test.settle(claim, { deadLetters: [refused(0), refused(0)] })).rejects.toThrow(/2 refused/);
});

it('commits a settlement with the next append, or by itself within a second where none is to be expected', async () => {
  const test = await TestQueue.open();
  await test.append({ at: at(0) }, { at: at(1) });
  await test.settle(await test.claim({ dueBefore: M0 + 1 }));
  await test.append({ at: at(2) });
  expect(await test.ledger()).toMatchObject({ delivered: 1, pending: 2 });
  await test.settle(await test.claim({ dueBefore: M0 + 2 }));
  expect(await test.ledger()).toMatchObject({ delivered: 1 });
  await expect.poll(async () => (await test.ledger()).delivered, { timeout: 3_000 }).toBe(2);
});

it('forgets a claim with the process: what was not settled is owed again', async () => {
  const test = await TestQueue.open();
  await test.append({ at: at(0) });
  await test.claim();
  await test.close();
  const again = await TestQueue.open({ dataDir: test.dataDir });
  expect((await again.claim())?.readings.length).toBe(1);
});

it('keeps the count of purged letters in the ledger', async () => {
  const test = await TestQueue.open();
  await test.append({ at: at(0) }, { at: at(1) });
  await test.settle(await test.claim(), { deadLetters: [refused(0), refused(1)] });
  await test.queue.advance(T0);
  const inspector = openInspector(test.dataDir);
  expect(inspector.countDeadLetters({ to: at(1) })).toEqual({ letters: 1, values: 1 });
  expect(inspector.purgeDeadLetters({ device: 'meter', from: at(0), to: at(1) })).toBe(1);
  expect(inspector.purgeDeadLetters({ device: 'other' })).toBe(0);
  expect(inspector.purgeDeadLetters({ sink: 'dynatrace' })).toBe(1);
  expect(inspector.deadLetters({})).toEqual([]);
  inspector.close();
  expect(await test.ledger()).toMatchObject({ accepted: 2, deadLettered: 2 });
});
