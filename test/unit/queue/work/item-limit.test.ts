import { expect, it } from 'vitest';
import { ItemLimit } from '../../../../src/queue/work/item-limit.ts';

it('counts a series once a minute when values are folded', () => {
  const limit = new ItemLimit({ count: 'folded', maxItems: 4 });
  expect([limit.admit(1, 'a', 2), limit.admit(1, 'a', 2), limit.admit(2, 'a', 2), limit.admit(2, 'b', 1)]).toEqual([
    true,
    true,
    true,
    false,
  ]);
});

it('folds the first minute whole, whatever it becomes, and no other that does not fit', () => {
  const limit = new ItemLimit({ count: 'folded', maxItems: 3 });
  expect([limit.admit(1, 'a', 2), limit.admit(1, 'b', 2), limit.admit(1, 'c', 2), limit.admit(2, 'a', 1)]).toEqual([
    true,
    true,
    true,
    false,
  ]);
});

it('counts every value when they are sent raw, and readings where each is one event', () => {
  const raw = new ItemLimit({ count: 'values', maxItems: 5 });
  expect([raw.admit(1, 'a', 3), raw.admit(1, 'a', 3)]).toEqual([true, false]);
  const events = new ItemLimit({ count: 'readings', maxItems: 2 });
  expect([events.admit(1, 'a', 9), events.admit(1, 'a', 9), events.admit(1, 'a', 9)]).toEqual([true, true, false]);
});

it('always takes the first reading: it could never be sent otherwise', () => {
  expect(new ItemLimit({ count: 'values', maxItems: 1 }).admit(1, 'a', 10)).toBe(true);
});

it('bounds the memory of a claim whatever was asked for', () => {
  const limit = new ItemLimit({ count: 'folded', maxItems: 1_000 });
  let taken = 0;
  while (limit.admit(1, 'a', 10)) taken += 10;
  expect(taken).toBeLessThanOrEqual(131_072);
  const series = new ItemLimit({ count: 'folded', maxItems: 1_000 });
  let lines = 0;
  while (series.admit(1, lines, 10)) lines += 10;
  expect(lines).toBeLessThanOrEqual(16_384);
});
