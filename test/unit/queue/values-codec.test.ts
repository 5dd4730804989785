import { array, assert, constantFrom, double, integer, nat, oneof, property, uint8Array } from 'fast-check';
import { expect, it } from 'vitest';
import { decodeValues, encodeValues, repacked } from '../../../src/queue/values-codec.ts';

function roundTrip(values: readonly number[]): number[] {
  return decoded(encodeValues(Float64Array.from(values), 0, values.length), values.length);
}

/** Decodes into the middle of a column, and holds what stands around it to have stayed. */
function decoded(bytes: Buffer, count: number): number[] {
  const target = new Float64Array(count + 4).fill(7);
  decodeValues(bytes, count, target, 2);
  expect([target[0], target[1], target[count + 2], target[count + 3]]).toEqual([7, 7, 7, 7]);
  return Array.from(target.subarray(2, 2 + count));
}

/** What integers, decimals and bits of doubles get wrong first. */
const AWKWARD = constantFrom(
  -0,
  0,
  5e-324,
  -2.2250738585072014e-308,
  1.7976931348623157e308,
  Infinity,
  -Infinity,
  NaN,
  2 ** 53 + 2,
  -(2 ** 53) - 2,
  1e15,
  2_147_483_647,
  -2_147_483_648,
  2_147_483_647.5,
  32_767,
  -32_768,
  32_767.999,
  0.1 + 0.2,
  0.001,
  0.0005,
  1.005,
  1e21,
);

it('gives every value back bit for bit', () => {
  assert(
    property(
      array(
        oneof(
          AWKWARD,
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
  ['small whole numbers', [0, -63, 501], 1 + 1 + 1 + 2],
  ['counters', [12_345_678, 1], 1 + 4 + 1],
  ['the largest', [2_147_483_647, -2_147_483_647], 1 + 2 * 5],
  ['tenths', [230.1, 49.9], 1 + 2 * 2],
  ['thousandths', [1234.567], 1 + 4],
  ['a minus zero', [-0], 1 + 8],
  ['what no decimal of three places is', [1 / 3], 1 + 8],
])('takes few bytes for %s', (_, values, bytes) => {
  expect(encodeValues(Float64Array.from(values), 0, values.length)).toHaveLength(bytes);
  expect(roundTrip(values)).toEqual(values);
});

it('encodes a part of a column', () => {
  expect(decoded(encodeValues(Float64Array.of(1, 2, 3), 1, 2), 1)).toEqual([2]);
});

it('makes NaN of bytes that are not as many values as the reading has, whatever a failing card made of them', () => {
  assert(
    property(uint8Array({ maxLength: 40 }), nat(6), (bytes, count) => {
      const values = decoded(Buffer.from(bytes), count);
      const width = [2, 4, 8][(bytes[0] ?? 3) & 3];
      const ends = bytes.slice(1).filter((byte) => byte < 0x80).length;
      const endsWhole = bytes.length === 1 || (bytes.at(-1) ?? 0) < 0x80;
      const fits = width === undefined ? ends === count && endsWhole : bytes.length === 1 + width * count;
      expect((fits && (bytes[0] ?? 16) >> 2 <= 3) || values.every(Number.isNaN)).toBe(true);
    }),
    { numRuns: 2_000 },
  );
  const [first = 0, ...rest] = encodeValues(Float64Array.of(230.1, 5), 0, 2);
  expect(decoded(Buffer.from([first, ...rest]), 2)).toEqual([230.1, 5]);
  expect(decoded(Buffer.from([first, ...rest, 0]), 2)).toEqual([NaN, NaN]);
  expect(decoded(Buffer.from([first, ...rest]), 3)).toEqual([NaN, NaN, NaN]);
});

/** As releases wrote them before values were packed. */
const FIXED: readonly (readonly [string, number[], Buffer])[] = [
  ['int16', [0, -32_767, 501], Buffer.from([0, 0, 0, 1, 0x80, 0xf5, 1])],
  ['int16 in tenths', [230.1, -4.5], Buffer.from([4, 0xfd, 8, 0xd3, 0xff])],
  ['int32', [12_345_678, -1], Buffer.from([1, 0x4e, 0x61, 0xbc, 0, 0xff, 0xff, 0xff, 0xff])],
];

it.each(FIXED)('reads %s of an older release, and knows that it is the same', (_, values, bytes) => {
  expect(decoded(bytes, values.length)).toEqual(values);
  const now = encodeValues(Float64Array.from(values), 0, values.length);
  expect(now).not.toEqual(bytes);
  expect(repacked(bytes, values.length)).toEqual(now);
  expect(repacked(now, values.length)).toEqual(now);
});
