import { expect, it } from 'vitest';
import { HashIndex } from '../../../../src/queue/work/hash-index.ts';

it('finds every id added under a hash, however far it has grown', () => {
  const index = new HashIndex();
  for (let id = 1; id <= 10_000; id++) index.add(Math.imul(id % 5_000, 0x9e3779b1), id);
  expect(index.size).toBe(10_000);
  for (let n = 1; n < 5_000; n += 97) {
    expect(index.find(Math.imul(n, 0x9e3779b1)).sort((a, b) => a - b)).toEqual([n, n + 5_000]);
  }
  expect(index.find(12_345)).toEqual([]);
});
