import { describe, expect, it } from 'vitest';
import { ColumnsBuilder, slice } from '../../../src/model/reading-columns.ts';
import type { Origin } from '../../../src/model/reading.ts';

const origin = (device: string, serial: string | null = null, source = 'meter'): Origin => ({ device, serial, source });

describe('Columns of readings', () => {
  it('name each origin once, also one that comes again behind others of its device', () => {
    const origins = [
      origin('a'),
      origin('b'),
      origin('a', ''),
      origin('a', '1'),
      origin('a', '1', 'other'),
      origin('a'),
      origin('a', '1'),
      origin('b'),
      origin('a', '', 'other'),
      origin('a', '1', 'other'),
      origin('a'),
    ];
    const builder = new ColumnsBuilder();
    for (const each of origins) builder.add({ ...each }, 0, ['power'], [1]);
    const columns = builder.take();
    expect([...columns.origin].map((index) => columns.origins[index])).toEqual(origins);
    expect(columns.origins).toEqual([...new Map(origins.map((each) => [JSON.stringify(each), each])).values()]);
  });

  it('name each shape once, whatever comes between', () => {
    const shapes = [['a', 'b'], ['a', 'b'], ['a'], ['b', 'a'], ['a', 'b'], ['a', 'b', 'c'], ['a'], ['a', 'b', 'c']];
    const builder = new ColumnsBuilder();
    for (const shape of shapes) builder.add(origin('a'), 0, [...shape], Array(shape.length).fill(1));
    const columns = builder.take();
    expect([...columns.shape].map((index) => columns.shapes[index])).toEqual(shapes);
    expect(columns.shapes).toEqual([['a', 'b'], ['a'], ['b', 'a'], ['a', 'b', 'c']]);
  });

  it('begin anew after they were taken', () => {
    const builder = new ColumnsBuilder();
    builder.add(origin('a'), 1, ['x', 'y'], [1, 2]);
    builder.add(origin('b'), 2, ['y'], [3]);
    builder.take();
    builder.add(origin('b'), 3, ['y'], [4]);
    const { length, origins, shapes, origin: origin_, shape, first, values, at } = builder.take();
    expect({ length, origins, shapes }).toEqual({ length: 1, origins: [origin('b')], shapes: [['y']] });
    expect([[...origin_], [...shape], [...first], [...values], [...at]]).toEqual([[0], [0], [0, 1], [4], [3]]);
  });

  it('can be cut', () => {
    const builder = new ColumnsBuilder();
    for (const n of [1, 2, 3]) builder.add(origin('a'), n, ['x', 'y'].slice(0, n), [n, n * 10]);
    const cut = slice(builder.take(), 1, 3);
    expect([[...cut.at], [...cut.first], [...cut.values]]).toEqual([
      [2, 3],
      [0, 2, 4],
      [2, 20, 3, 30],
    ]);
  });
});
