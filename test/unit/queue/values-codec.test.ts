import { array, assert, double, integer, oneof, property } from 'fast-check';
import { expect, it } from 'vitest';
import { decodeValues, encodeValues } from '../../../src/queue/values-codec.ts';

function roundTrip(values: readonly number[]): number[] {
  const target = new Float64Array(values.length + 2);
  const count = decodeValues(encodeValues(Float64Array.from(values), 0, values.length), target, 2);
  return Array.from(target.subarray(2, 2 + count));
}

it('gives every value back bit for bit', () => {
  assert(
    property(
      array(
        oneof(
          double(),
          integer(),
          integer().map((n) => n / 100),
        ),
        { minLength: 1 },
      ),
      (values) => {
        expect(roundTrip(values)).toEqual(values);
      },
    ),
  );
});

it.each([
  ['small whole numbers', [0, -32_767, 501], 1 + 3 * 2],
  ['counters', [12_345_678, 1], 1 + 2 * 4],
  ['tenths', [230.1, 49.9], 1 + 2 * 2],
  ['thousandths', [1234.567], 1 + 4],
  ['a minus zero', [-0], 1 + 8],
  ['what no decimal of three places is', [1 / 3], 1 + 8],
])('takes few bytes for %s', (_, values, bytes) => {
  expect(encodeValues(Float64Array.from(values), 0, values.length)).toHaveLength(bytes);
  expect(roundTrip(values)).toEqual(values);
});

it('encodes a part of a column', () => {
  const target = new Float64Array(1);
  decodeValues(encodeValues(Float64Array.of(1, 2, 3), 1, 2), target, 0);
  expect([...target]).toEqual([2]);
});
