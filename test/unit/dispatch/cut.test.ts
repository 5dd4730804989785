import { describe, expect, it } from 'vitest';
import { fitting, halve } from '../../../src/dispatch/cut.ts';

describe('cutting a batch', () => {
  it('stops at the number of items', () => expect(fitting(['a', 'b', 'c'], { maxItems: 2, maxBytes: 100 })).toBe(2));
  it('stops at the number of bytes, of which an umlaut has two', () => {
    expect(fitting(['äää', 'äää'], { maxItems: 9, maxBytes: 16 })).toBe(2);
    expect(fitting(['äää', 'äää'], { maxItems: 9, maxBytes: 15 })).toBe(1);
  });
  it('sends an item that is too large on its own rather than never', () =>
    expect(fitting(['x'.repeat(50), 'y'], { maxItems: 9, maxBytes: 10 })).toBe(1));
  it('halves without losing one', () => {
    expect(halve([1, 2, 3, 4, 5])).toEqual([
      [1, 2],
      [3, 4, 5],
    ]);
    expect(halve([1])).toEqual([[], [1]]);
  });
});
