import { describe, expect, it } from 'vitest';
import type { Fate } from '../../../src/dispatch/bisect.ts';
import { itemsOf } from '../../../src/dispatch/items.ts';
import { settlementOf } from '../../../src/dispatch/settlement.ts';
import { ColumnsBuilder } from '../../../src/model/reading-columns.ts';
import { MINUTE } from '../../../src/model/time.ts';
import { FakeSink } from '../../support/fake-sink.ts';

/** Readings 0 a, 1 b, 2 a of one minute and 3 a of the next: the items are a, b, and a of the second minute. */
function items() {
  const builder = new ColumnsBuilder();
  for (const [device, at] of [
    ['a', 0],
    ['b', 1],
    ['a', 2],
    ['a', MINUTE],
  ] as const)
    builder.add({ device, serial: null, source: 's' }, at, ['p'], [at], at + 1);
  return itemsOf(builder.take(), new FakeSink().metrics, 'minute');
}

function settle(fates: readonly Fate[], reasons: readonly (readonly [number, string])[] = []) {
  return settlementOf(7, items(), fates, new Map(reasons), 99);
}

describe('what is settled of a batch', () => {
  it('is all of it when everything is decided', () => {
    expect(settle(['delivered', 'delivered', 'delivered'])).toEqual({
      claim: 7,
      readings: 4,
      deadLetters: [],
      tooOld: [],
      now: 99,
    });
  });

  it('ends before the first reading with something undecided', () => {
    expect(settle(['delivered', 'delivered', 'open']).readings).toBe(3);
    expect(settle(['open', 'delivered', 'delivered']).readings).toBe(0);
  });

  it('never ends inside a line, and lists no dead letter of which a value is left behind', () => {
    const { readings, deadLetters } = settle(['dead', 'open', 'delivered'], [[0, 'no']]);
    expect(readings).toBe(0);
    expect(deadLetters).toEqual([]);
  });

  it('lists every value of a refused line, and apart from them what came too late', () => {
    const { deadLetters, tooOld } = settle(
      ['dead', 'tooOld', 'delivered'],
      [
        [0, 'no'],
        [1, 'late'],
      ],
    );
    const both = [
      [0, 0],
      [2, 2],
    ];
    expect(deadLetters).toEqual([{ device: 'a', quantity: 'p', samples: both, reason: 'no' }]);
    expect(tooOld).toEqual([{ device: 'b', quantity: 'p', samples: [[1, 1]], reason: 'late' }]);
  });
});
