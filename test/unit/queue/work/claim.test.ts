import { expect, it } from 'vitest';
import { at, DYNATRACE, M0, TestQueue } from '../../../support/queue-fixture.ts';

const lengthOf = async (
  claiming: ReturnType<TestQueue['claim']>,
): Promise<[number | undefined, boolean | undefined]> => {
  const claim = await claiming;
  return [claim?.readings.length, claim?.more];
};

const of = (minute: number, device: string) => ({ at: at(minute), device });

it('takes only minutes that are due and not too old', async () => {
  const test = await TestQueue.open();
  await test.append({ at: at(0) }, { at: at(1) }, { at: at(2) });
  expect((await test.claim({ oldest: M0 + 1, dueBefore: M0 + 2 }))?.readings.at).toEqual(Float64Array.of(at(1)));
});

it('says whether more is due, and says no when the limit is met exactly', async () => {
  const test = await TestQueue.open({ sinks: [DYNATRACE, { ...DYNATRACE, name: 'b' }] });
  await test.append({ at: at(0) }, { at: at(1) });
  expect(await lengthOf(test.claim({ maxItems: 1 }))).toEqual([1, true]);
  expect(await lengthOf(test.claim({ sink: 'b', maxItems: 2 }))).toEqual([2, false]);
});

it('leaves a minute whole for the next batch that does not fit when values are folded', async () => {
  const test = await TestQueue.open();
  await test.append(of(0, 'a'), of(0, 'b'), of(1, 'a'), of(1, 'b'), of(1, 'c'));
  const claim = await test.claim({ count: 'folded', maxItems: 3 });
  expect([claim?.readings.length, claim?.more]).toEqual([2, true]);
  await test.settle(claim);
  expect(await lengthOf(test.claim({ count: 'folded', maxItems: 3 }))).toEqual([3, false]);
});

it('takes the first minute whole when values are folded, or a series of it would become several lines', async () => {
  const test = await TestQueue.open();
  await test.append(of(0, 'a'), of(0, 'b'), of(0, 'c'), of(0, 'a'), of(0, 'b'), of(0, 'c'), of(1, 'a'));
  expect(await lengthOf(test.claim({ count: 'folded', maxItems: 2 }))).toEqual([6, true]);
});

it('cuts a minute that does not fit into any batch, and goes on where it cut', async () => {
  const test = await TestQueue.open();
  await test.append(...Array.from({ length: 5 }, (_, i) => ({ at: at(0, i), device: `d${i}` })));
  const seen: number[] = [];
  for (let claim = await test.claim({ maxItems: 2 }); claim !== null; claim = await test.claim({ maxItems: 2 })) {
    seen.push(...claim.readings.id);
    await test.settle(claim);
  }
  expect(seen).toEqual([1, 2, 3, 4, 5]);
});

it('reads minutes of more readings than a page of the database', async () => {
  const test = await TestQueue.open();
  await test.append(...Array.from({ length: 5_000 }, (_, i) => ({ at: at(0, i / 100) })));
  const claim = await test.claim({ count: 'folded' });
  expect([claim?.readings.length, claim?.more]).toEqual([5_000, false]);
  await test.settle(claim);
  await test.queue.advance(at(0));
  expect(await test.ledger()).toMatchObject({ delivered: 5_000, pending: 0 });
});

it('refuses an unknown sink', async () => {
  const test = await TestQueue.open();
  await expect(test.claim({ sink: 'nobody' })).rejects.toThrow(/no sink nobody/);
});
