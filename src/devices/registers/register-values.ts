import { storedUnit } from '../../model/payload-unit.ts';
import { registerWords, type RegisterData, type RegisterProfileData } from '../../model/profile-data.ts';
import type { Quantity } from '../../model/reading.ts';
import type { RefusedField } from '../profile.ts';
import { numberAt, textAt, type Words } from './words.ts';

/** A register's value in the stored unit, before it is held against what came before. */
export interface RegisterValue {
  readonly title: string;
  readonly quantity: Quantity;
  readonly enabled: boolean;
  readonly raw: number;
  readonly value: number;
  /** In the stored unit, the smallest step. */
  readonly resolution: number;
  /** Of a counter, in the stored unit; null: no counter. */
  readonly risesPerHour: number | null;
}

export interface BlockOfWords {
  readonly fc: number;
  readonly start: number;
  readonly words: Words;
}

/** Reads the registers that the blocks hold; those that say that they have no value are left out. */
export function readRegisters(
  profile: RegisterProfileData,
  registers: readonly RegisterData[],
  blocks: readonly BlockOfWords[],
): {
  readonly values: readonly RegisterValue[];
  readonly refused: readonly RefusedField[];
  readonly serial: string | null;
} {
  const values: RegisterValue[] = [];
  const refused: RefusedField[] = [];
  let serial: string | null = null;
  for (const register of registers) {
    const { type, quantity, address } = register;
    const block = blockOf(register, blocks);
    if (block === undefined) continue;
    const offset = address - block.start;
    if (type === 'ascii') {
      serial ??= textAt(block.words, offset, register.words) || null;
      continue;
    }
    const raw = numberAt(block.words, offset, type, profile.wordOrder);
    if (raw === null || quantity === null || register.invalid.includes(raw)) continue;
    const factor = storedUnit(register.unit)[1];
    const inUnit = rounded(raw * register.scale);
    if (inUnit < (register.min ?? -Infinity) || inUnit > (register.max ?? Infinity)) {
      refused.push({ field: register.title, reason: `out of range: ${inUnit} ${register.unit}` });
      continue;
    }
    const resolution = Math.abs(register.scale * factor);
    const risesPerHour = register.risesPerHour === null ? null : register.risesPerHour * factor;
    const value = rounded(inUnit * factor);
    values.push({ title: register.title, quantity, enabled: register.enabled, raw, value, resolution, risesPerHour });
  }
  return { values: values.filter(measured(profile, values)), refused, serial };
}

/** False for values of a group that are all 0 because what would measure them is not there. */
function measured(
  { zeroMeansNone }: RegisterProfileData,
  values: readonly RegisterValue[],
): (value: RegisterValue) => boolean {
  const none = new Set(
    zeroMeansNone
      .filter((group) => values.filter(({ quantity }) => group.includes(quantity)).every(({ raw }) => raw === 0))
      .flat(),
  );
  return ({ quantity }) => !none.has(quantity);
}

function blockOf(
  { fc, address, type, words }: RegisterData,
  blocks: readonly BlockOfWords[],
): BlockOfWords | undefined {
  const end = address + registerWords({ type, words });
  return blocks.find(
    (block) => block.fc === fc && address >= block.start && end <= block.start + block.words.byteLength / 2,
  );
}

/** 15 digits are all a double holds for certain; and a scale of -10 makes no -0 of 0. */
function rounded(value: number): number {
  return Number(value.toPrecision(15)) + 0;
}
