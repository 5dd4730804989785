import { registerWords, type RegisterType } from '../../model/profile-data.ts';

/** Registers as they came over the line: two bytes a word, the high one first. */
export type Words = DataView<ArrayBuffer>;

/** Null for text that is no whole number of words in hexadecimal digits. */
export function wordsFromHex(hex: string): Words | null {
  if (!/^(?:[0-9a-f]{4})*$/i.test(hex)) return null;
  return new DataView(Uint8Array.from(Buffer.from(hex, 'hex')).buffer);
}

/** The number at a word's offset; null where its bits say that there is none: all ones, or a float that is no number. */
export function numberAt(
  words: Words,
  offset: number,
  type: Exclude<RegisterType, 'ascii'>,
  order: 'high-first' | 'low-first',
): number | null {
  const count = registerWords({ type, words: 1 });
  const bytes = new DataView(new ArrayBuffer(2 * count));
  for (let i = 0; i < count; i++) {
    const from = order === 'high-first' ? i : count - 1 - i;
    bytes.setUint16(2 * i, words.getUint16(2 * (offset + from)));
  }
  const ones = Array.from({ length: count }, (_, i) => bytes.getUint16(2 * i)).every((word) => word === 0xffff);
  // -1 is a value like any other, unless what stands around it is missing too.
  if (ones && (!isSigned(type) || isMissingAround(words, offset, count))) return null;
  const value = READ[type](bytes);
  return Number.isFinite(value) ? value : null;
}

const READ: Readonly<Record<Exclude<RegisterType, 'ascii'>, (bytes: DataView) => number>> = {
  u16: (bytes) => bytes.getUint16(0),
  s16: (bytes) => bytes.getInt16(0),
  u32: (bytes) => bytes.getUint32(0),
  s32: (bytes) => bytes.getInt32(0),
  u64: (bytes) => Number(bytes.getBigUint64(0)),
  f32: (bytes) => bytes.getFloat32(0),
};

function isSigned(type: RegisterType): boolean {
  return type === 's16' || type === 's32';
}

/** Text without what fills it up. */
export function textAt(words: Words, offset: number, count: number): string {
  const bytes = new Uint8Array(words.buffer, words.byteOffset + 2 * offset, 2 * count);
  return Buffer.from(bytes)
    .toString('latin1')
    .replaceAll(/[^\x20-\x7e]/g, '')
    .trim();
}

function isMissingAround(words: Words, offset: number, count: number): boolean {
  const [before, after] = [offset - 1, offset + count];
  const isOnes = (at: number): boolean => at < 0 || 2 * at >= words.byteLength || words.getUint16(2 * at) === 0xffff;
  return isOnes(before) && isOnes(after);
}
