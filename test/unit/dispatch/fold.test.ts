import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fold, FoldSpace, type Folded } from '../../../src/dispatch/fold.ts';
import { oneByOne } from '../../../src/dispatch/one-by-one.ts';
import { unfold } from '../../../src/dispatch/unfold.ts';
import { ColumnsBuilder } from '../../../src/model/reading-columns.ts';
import type { Sample } from '../../../src/model/sample.ts';
import { MINUTE } from '../../../src/model/time.ts';

const T = 29_000_000 * MINUTE;

function samplesOf(folded: Folded): Sample[] {
  return Array.from({ length: folded.length }, (_, i) => folded.sample(i));
}

function origin(device: string, source = 'meter') {
  return { device, serial: null, source };
}

describe('fold', () => {
  it('makes one sample per device, quantity and minute, with the time of its newest value', () => {
    const builder = new ColumnsBuilder();
    builder.add(origin('a'), T + 10_000, ['p', 'e'], [5, 100], 1);
    builder.add(origin('b'), T + 11_000, ['p'], [7], 2);
    builder.add(origin('a'), T + 5_000, ['p', 'e'], [1, 90], 3);
    builder.add(origin('a'), T + MINUTE, ['e'], [110], 4);
    const folded = fold(builder.take());
    const { first, last } = folded;
    expect(samplesOf(folded)).toEqual([
      { device: 'a', quantity: 'p', at: T + 10_000, min: 1, max: 5, sum: 6, count: 2 },
      { device: 'a', quantity: 'e', at: T + 10_000, min: 90, max: 100, sum: 190, count: 2 },
      { device: 'b', quantity: 'p', at: T + 11_000, min: 7, max: 7, sum: 7, count: 1 },
      { device: 'a', quantity: 'e', at: T + MINUTE, min: 110, max: 110, sum: 110, count: 1 },
    ]);
    expect([[...first], [...last]]).toEqual([
      [0, 0, 1, 3],
      [2, 2, 1, 3],
    ]);
  });

  it('folds what a device says through two sources and in two shapes into one series', () => {
    const builder = new ColumnsBuilder();
    builder.add(origin('a', 'mqtt'), T, ['p', 'q'], [1, 2], 1);
    builder.add(origin('a', 'modbus'), T + 1, ['q', 'r'], [4, 5], 2);
    expect(samplesOf(fold(builder.take())).map(({ quantity, count }) => [quantity, count])).toEqual([
      ['p', 1],
      ['q', 2],
      ['r', 1],
    ]);
  });

  it('never makes a mean outside of its extremes, and loses no value', () => {
    const reading = fc.record({
      device: fc.constantFrom('a', 'b'),
      at: fc.integer({ min: 0, max: 3 * MINUTE - 1 }),
      p: fc.double({ min: -1e9, max: 1e9, noNaN: true }),
      q: fc.double({ min: 0, max: 1e9, noNaN: true }),
    });
    fc.assert(
      fc.property(fc.array(reading, { maxLength: 60 }), (readings) => {
        const builder = new ColumnsBuilder();
        const sorted = [...readings].sort((a, b) => Math.floor(a.at / MINUTE) - Math.floor(b.at / MINUTE));
        for (const { device, at, p, q } of sorted) builder.add(origin(device), T + at, ['p', 'q'], [p, q], 1);
        const columns = builder.take();
        const folded = fold(columns);
        expect(samplesOf(folded).reduce((sum, { count }) => sum + count, 0)).toBe(columns.values.length);
        for (const [i, { min, max, sum, count, device, quantity, at }] of samplesOf(folded).entries()) {
          expect(sum / count / 1000).toBeGreaterThanOrEqual(min / 1000 - 1e-6);
          expect(sum / count / 1000).toBeLessThanOrEqual(max / 1000 + 1e-6);
          const values = unfold(columns, folded, i);
          const expected = sorted.filter(
            (r) => r.device === device && Math.floor((T + r.at) / MINUTE) === Math.floor(at / MINUTE),
          );
          expect(values).toEqual(expected.map((r) => [T + r.at, quantity === 'p' ? r.p : r.q]));
        }
      }),
      { numRuns: 100 },
    );
  });

  it('gives the same in memory that was used before, for more or for less', () => {
    const reading = fc.record({ device: fc.constantFrom('a', 'b', 'c'), p: fc.double(), q: fc.double() });
    const space = new FoldSpace();
    fc.assert(
      fc.property(fc.array(reading, { maxLength: 400 }), (readings) => {
        const builder = new ColumnsBuilder();
        for (const [i, { device, p, q }] of readings.entries())
          builder.add(origin(device), T + i * 1000, ['p', 'q'], [p, q], i);
        const columns = builder.take();
        const again = fold(columns, space);
        const anew = fold(columns);
        expect(samplesOf(again)).toEqual(samplesOf(anew));
        expect([again.sampleOf, again.first, again.last]).toEqual([anew.sampleOf, anew.first, anew.last]);
      }),
    );
  });

  it('takes back what adding has rounded away from equal values', () => {
    const builder = new ColumnsBuilder();
    for (let i = 0; i < 10; i++) builder.add(origin('a'), T + i, ['p'], [0.1], i);
    expect(samplesOf(fold(builder.take()))).toMatchObject([{ min: 0.1, max: 0.1, sum: 1, count: 10 }]);
  });
});

describe('raw resolution', () => {
  it('sends each value as it was measured', () => {
    const builder = new ColumnsBuilder();
    builder.add(origin('a'), T, ['p', 'q'], [1, 2], 1);
    builder.add(origin('a'), T + 1, ['p'], [3], 2);
    const columns = builder.take();
    const folded = oneByOne(columns);
    expect(samplesOf(folded).map(({ quantity, at, sum, count }) => [quantity, at, sum, count])).toEqual([
      ['p', T, 1, 1],
      ['q', T, 2, 1],
      ['p', T + 1, 3, 1],
    ]);
    expect(unfold(columns, folded, 2)).toEqual([[T + 1, 3]]);
    expect([...folded.first].slice(0, 3)).toEqual([0, 0, 1]);
  });
});
