/**
 * The values of one reading as bytes, in the order of its shape. Exact: what is decoded is bit for bit what was encoded.
 *
 * Byte 0 is the format: width + 4 × decimals. Width 3: each value is a whole number of one to five bytes, its sign in the lowest
 * bit, seven bits a byte, the lowest first, with the eighth bit set on all but its last (as protobuf's sint32); `decimals` (0 to
 * 3) says by which power of ten it is divided: 230.1 V takes two bytes. Width 2: each value is a little-endian float64.
 * Widths 0 and 1, little-endian int16 and int32, are read but no longer written.
 */

const POWERS = [1, 10, 100, 1000] as const;
const INT16 = 0;
const INT32 = 1;
const FLOAT64 = 2;
const PACKED = 3;
/** Bytes of a value, by width. */
const SIZES = [2, 4, 8] as const;
const MOST_PACKED_BYTES = 5;
const INT32_MAX = 0x7fffffff;

/** The bytes of `values[from] … values[to - 1]`. Equal values give equal bytes. */
export function encodeValues(values: Float64Array, from: number, to: number): Buffer {
  for (let decimals = 0; decimals < POWERS.length; decimals++) {
    if (largestScaled(values, from, to, POWERS[decimals] ?? 1) <= INT32_MAX) return pack(values, from, to, decimals);
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
  const format = bytes[0] ?? -1;
  const power = POWERS[format >> 2];
  const readable =
    power !== undefined &&
    ((format & 3) === PACKED
      ? unpack(bytes, count, power, target, offset)
      : decodeFixed(bytes, format & 3, count, power, target, offset));
  if (!readable) target.fill(Number.NaN, offset, offset + count);
}

/** Of bytes written before values were packed, those that would be written now; equal values give equal bytes again. */
export function repacked(bytes: Buffer, count: number): Buffer {
  const width = (bytes[0] ?? PACKED) & 3;
  if (width !== INT16 && width !== INT32) return bytes;
  const values = new Float64Array(count);
  decodeValues(bytes, count, values, 0);
  return encodeValues(values, 0, count);
}

function decodeFixed(
  bytes: Buffer,
  width: number,
  count: number,
  power: number,
  target: Float64Array,
  offset: number,
): boolean {
  const size = SIZES[width];
  if (size === undefined || bytes.length !== 1 + size * count) return false;
  for (let i = 0, o = 1; i < count; i++, o += size) {
    if (width === INT16) target[offset + i] = bytes.readInt16LE(o) / power;
    else if (width === INT32) target[offset + i] = bytes.readInt32LE(o) / power;
    else target[offset + i] = bytes.readDoubleLE(o);
  }
  return true;
}

/** False when the bytes are not exactly so many values. */
function unpack(bytes: Buffer, count: number, power: number, target: Float64Array, offset: number): boolean {
  let o = 1;
  for (let i = 0; i < count; i++) {
    let folded = 0;
    let byte = 0x80;
    for (let shift = 0; byte >= 0x80; shift += 7) {
      if (o === bytes.length || shift === 7 * MOST_PACKED_BYTES) return false;
      byte = bytes[o++] ?? 0;
      folded |= (byte & 0x7f) << shift;
    }
    const magnitude = (folded >>> 1) + (folded & 1);
    target[offset + i] = ((folded & 1) === 0 ? magnitude : -magnitude) / power;
  }
  return o === bytes.length;
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

function pack(values: Float64Array, from: number, to: number, decimals: number): Buffer {
  const power = POWERS[decimals] ?? 1;
  const bytes = Buffer.allocUnsafe(1 + MOST_PACKED_BYTES * (to - from));
  bytes[0] = PACKED + 4 * decimals;
  let o = 1;
  for (let i = from; i < to; i++) {
    const whole = Math.round((values[i] ?? 0) * power);
    let folded = whole < 0 ? -2 * whole - 1 : 2 * whole;
    for (; folded > 0x7f; folded >>>= 7) bytes[o++] = (folded & 0x7f) | 0x80;
    bytes[o++] = folded;
  }
  return bytes.subarray(0, o);
}
