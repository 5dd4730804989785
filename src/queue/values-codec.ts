/**
 * The values of one reading as bytes, in the order of its shape. Exact: what is decoded is bit for bit what was encoded.
 *
 * Byte 0 is the format: width + 4 × decimals. Width 0, 1, 2: each value is a little-endian int16, int32, float64.
 * For integers, `decimals` (0 to 3) says by which power of ten they are divided: 230.1 V takes two bytes.
 */

const POWERS = [1, 10, 100, 1000] as const;
const INT16 = 0;
const INT32 = 1;
const FLOAT64 = 2;
const UNREADABLE = 3;
/** Bytes of a value, by width. */
const SIZES = [2, 4, 8] as const;
const INT32_MAX = 0x7fffffff;

/** The bytes of `values[from] … values[to - 1]`. Equal values give equal bytes. */
export function encodeValues(values: Float64Array, from: number, to: number): Buffer {
  for (let decimals = 0; decimals < POWERS.length; decimals++) {
    const largest = largestScaled(values, from, to, POWERS[decimals] ?? 1);
    if (largest <= INT32_MAX) return encodeIntegers(values, from, to, decimals, largest <= 0x7fff ? INT16 : INT32);
  }
  const bytes = Buffer.allocUnsafe(1 + 8 * (to - from));
  bytes[0] = FLOAT64;
  for (let i = from, o = 1; i < to; i++, o += 8) bytes.writeDoubleLE(values[i] ?? Number.NaN, o);
  return bytes;
}

/**
 * Writes `count` decoded values to `target` from `offset`. Bytes that are not so many values have been damaged on the disk, where
 * nobody else would notice: each is NaN then, which no sink takes, and the readings around it are not held up.
 */
export function decodeValues(bytes: Buffer, count: number, target: Float64Array, offset: number): void {
  const format = bytes[0] ?? UNREADABLE;
  const width = format & 3;
  const power = POWERS[format >> 2];
  const size = SIZES[width];
  if (size === undefined || power === undefined || bytes.length !== 1 + size * count) {
    target.fill(Number.NaN, offset, offset + count);
    return;
  }
  for (let i = 0, o = 1; i < count; i++, o += size) {
    if (width === INT16) target[offset + i] = bytes.readInt16LE(o) / power;
    else if (width === INT32) target[offset + i] = bytes.readInt32LE(o) / power;
    else target[offset + i] = bytes.readDoubleLE(o);
  }
}

/** The largest magnitude among the values times `power`; Infinity when they are not whole then, or would not come back exactly. */
function largestScaled(values: Float64Array, from: number, to: number, power: number): number {
  let largest = 0;
  for (let i = from; i < to; i++) {
    const value = values[i] ?? Number.NaN;
    const whole = Math.round(value * power);
    if (whole / power !== value || Object.is(value, -0)) return Number.POSITIVE_INFINITY;
    const magnitude = whole < 0 ? -whole : whole;
    if (magnitude > largest) largest = magnitude;
  }
  return largest;
}

function encodeIntegers(
  values: Float64Array,
  from: number,
  to: number,
  decimals: number,
  width: typeof INT16 | typeof INT32,
): Buffer {
  const power = POWERS[decimals] ?? 1;
  const size = width === INT16 ? 2 : 4;
  const bytes = Buffer.allocUnsafe(1 + size * (to - from));
  bytes[0] = width + 4 * decimals;
  for (let i = from, o = 1; i < to; i++, o += size) {
    const whole = Math.round((values[i] ?? 0) * power);
    if (width === INT16) bytes.writeInt16LE(whole, o);
    else bytes.writeInt32LE(whole, o);
  }
  return bytes;
}
