import { describe, expect, it } from 'vitest';
import { batchItems, fit, halve, type Limits } from '../../../src/dispatch/cut.ts';
import { itemTexts } from '../../support/item-texts.ts';

describe('the size of a batch', () => {
  it('is that of several requests, so that a minute of many series is folded and a claim serves them all', () =>
    expect(batchItems(1_000, 'folded', false)).toBe(4_000));
  it('is the same where each value is a line', () => expect(batchItems(1_000, 'values', false)).toBe(4_000));
  it('is that of one request when it only finds out whether anything is taken', () =>
    expect(batchItems(1_000, 'values', true)).toBe(1_000));
  it('is that of one request of events, which are large', () =>
    expect(batchItems(5_000, 'readings', false)).toBe(5_000));
});

/** How many of the texts, from the first, fit. */
function fitting(texts: readonly string[], limits: Limits): number {
  const counts = [...texts.keys()].map((i) => i + 1);
  return counts.findLast((count) => fit(itemTexts(texts.slice(0, count)), limits)) ?? 0;
}

describe('cutting a batch', () => {
  it('stops at the number of items', () => expect(fitting(['a', 'b', 'c'], { maxItems: 2, maxBytes: 100 })).toBe(2));
  it('stops at the number of bytes, of which an umlaut has two', () => {
    expect(fitting(['äää', 'äää'], { maxItems: 9, maxBytes: 16 })).toBe(2);
    expect(fitting(['äää', 'äää'], { maxItems: 9, maxBytes: 15 })).toBe(1);
  });
  it('sends an item that is too large on its own rather than never', () =>
    expect(fitting(['x'.repeat(50), 'y'], { maxItems: 9, maxBytes: 10 })).toBe(1));
  it('halves without losing one', () => {
    expect(halve(Uint32Array.of(1, 2, 3, 4, 5))).toEqual([Uint32Array.of(1, 2), Uint32Array.of(3, 4, 5)]);
    expect(halve(Uint32Array.of(1))).toEqual([Uint32Array.of(), Uint32Array.of(1)]);
  });
});
