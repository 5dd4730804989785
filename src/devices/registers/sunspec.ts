import { storedUnit } from '../../model/payload-unit.ts';
import type { SunspecModel, SunspecPoint } from '../../model/profile-data.ts';
import type { Quantity } from '../../model/reading.ts';
import { isJsonObject } from '../field-value.ts';
import type { Json } from '../profile.ts';
import type { Wanted } from '../wanted.ts';
import type { RegisterValue } from './register-values.ts';
import { textAt, wordsFromHex, type Words } from './words.ts';

/** Reads SunSpec models (Device Information Model Specification): values with their scale factors, missing ones left out. */
export function readSunspec(
  models: readonly SunspecModel[],
  json: Json | undefined,
  wanted: Wanted,
): {
  readonly values: readonly RegisterValue[];
  readonly serial: string | null;
} {
  const values: RegisterValue[] = [];
  let serial: string | null = null;
  for (const model of models) {
    const found = json !== undefined && isJsonObject(json) ? json[String(model.model)] : undefined;
    const [hex] = Array.isArray(found) ? (found as readonly Json[]) : [];
    const words = typeof hex === 'string' ? wordsFromHex(hex) : null;
    if (words === null) continue;
    const at = (point: SunspecPoint, shift: number, quantity: Quantity | null): void => {
      const offset = point.offset + shift;
      if (2 * (offset + point.words) > words.byteLength) return;
      if (point.type === 'string') {
        if (point.title === 'SN') serial ??= textAt(words, offset, point.words) || null;
        return;
      }
      if (quantity === null || !wanted(quantity, point.enabled)) return;
      const raw = RAW[point.type](words, 2 * offset);
      const scale = point.scaleAt === null ? 1 : scaleAt(words, point.scaleAt);
      if (raw === null || scale === null) return;
      const { title, enabled } = point;
      const [, toStored] = storedUnit(point.unit);
      const factor = scale * point.factor * toStored;
      const value = Number((raw * factor).toPrecision(15)) + 0;
      const risesPerHour = point.risesPerHour === null ? null : point.risesPerHour * toStored;
      values.push({ title, quantity, enabled, raw, value, resolution: Math.abs(factor), risesPerHour });
    };
    for (const point of model.points) {
      const { repeat } = model;
      if (repeat === null || point.offset < repeat.offset) at(point, 0, point.quantity);
      else {
        const times = Math.floor((words.byteLength / 2 - repeat.offset) / repeat.words);
        for (let n = 1; n <= times; n++)
          at(point, (n - 1) * repeat.words, point.quantity?.replace('{n}', String(n)) ?? null);
      }
    }
  }
  return { values, serial };
}

type ReadRaw = (words: Words, at: number) => number | null;

/** By type; null where the bits say "not implemented". `at` counts bytes. */
const RAW: Readonly<Record<Exclude<SunspecPoint['type'], 'string'>, ReadRaw>> = {
  int16: (words, at) => unless(words.getInt16(at), -0x8000),
  uint16: (words, at) => unless(words.getUint16(at), 0xffff),
  enum16: (words, at) => unless(words.getUint16(at), 0xffff),
  int32: (words, at) => unless(words.getInt32(at), -0x8000_0000),
  uint32: (words, at) => unless(words.getUint32(at), 0xffff_ffff),
  bitfield32: (words, at) => unless(words.getUint32(at), 0xffff_ffff),
  acc32: (words, at) => unless(words.getUint32(at), 0),
  uint64: (words, at) => unless(Number(words.getBigUint64(at)), 2 ** 64),
  acc64: (words, at) => unless(Number(words.getBigUint64(at)), 0),
  float32: (words, at) => (Number.isFinite(words.getFloat32(at)) ? words.getFloat32(at) : null),
};

function unless(value: number, missing: number): number | null {
  return value === missing ? null : value;
}

/** 10 to the power of the scale factor; null where it is not there: then the value means nothing. */
function scaleAt(words: Words, offset: number): number | null {
  if (2 * offset + 2 > words.byteLength) return null;
  const exponent = words.getInt16(2 * offset);
  return exponent < -10 || exponent > 10 ? null : 10 ** exponent;
}
