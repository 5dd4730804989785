import { describe, expect, it } from 'vitest';
import type { Json } from '../../../../src/devices/profile.ts';
import { find, placesAt } from '../../../../src/devices/payload/places.ts';

function nodes(path: string, payload: Json): readonly unknown[] {
  return placesAt(path)(payload).map(({ node, index }) => [node, index]);
}

describe('the places of a path', () => {
  it('are the payload itself without a path', () => {
    expect(nodes('', { a: 1 })).toEqual([[{ a: 1 }, 1]]);
  });

  it('are what the keys lead to, compared without case', () => {
    expect(nodes('A.b', { a: { B: 7 } })).toEqual([[7, 1]]);
    expect(nodes('a.c', { a: { B: 7 } })).toEqual([]);
    expect(nodes('a.b', { a: [1] })).toEqual([]);
  });

  it('are below each key where one may be any', () => {
    expect(nodes('*', { a: 1, b: { c: 2 } })).toEqual([
      [1, 1],
      [{ c: 2 }, 1],
    ]);
    expect(nodes('x.*.c', { x: { a: { c: 1 }, b: { c: 2 }, d: 5 } })).toEqual([
      [1, 1],
      [2, 1],
    ]);
    expect(nodes('*', [1, 2])).toEqual([]);
    expect(nodes('*', 'text')).toEqual([]);
  });

  it('are the elements of a list, numbered from 1', () => {
    expect(nodes('list[]', { list: [5, 6] })).toEqual([
      [5, 1],
      [6, 2],
    ]);
    expect(nodes('[]', [5])).toEqual([[5, 1]]);
    expect(nodes('list[]', { list: { a: 1 } })).toEqual([]);
    expect(nodes('list[]', {})).toEqual([]);
  });

  it('are only what the payload itself holds', () => {
    for (const key of ['constructor', '__proto__', 'toString', 'length']) {
      expect(find({}, [key])).toBeUndefined();
      expect(find([1], [key])).toBeUndefined();
      expect(find('text', [key])).toBeUndefined();
    }
  });
});
