/** Polls of Modbus devices as the source brings them, and what the built-in profiles make of them. */
import { findProfile, profileFolders } from '../../src/config/profile-file.ts';
import type { Decoded, Json, Profile } from '../../src/devices/profile.ts';
import { createRegisterProfiles } from '../../src/devices/registry.ts';
import type { QuantityChoice, RegisterProfileData } from '../../src/model/profile-data.ts';

export const DEVICE = 'device';

export function registerProfileData(name: string): RegisterProfileData {
  const data = findProfile(name, profileFolders(import.meta.dirname))?.data;
  if (data?.kind !== 'registers') throw new Error(`${name} is no built-in profile of registers`);
  return data;
}

export function registerProfile(name: string, quantities: QuantityChoice = 'all'): Profile {
  return createRegisterProfiles([{ device: DEVICE, profile: registerProfileData(name), quantities }]);
}

/** All blocks of a profile, zero but for these words (by address on the wire). */
export function pollOf(name: string, words: Readonly<Record<number, number>>, mono = 1_000): Json {
  const blocks = registerProfileData(name).blocks.map(({ fc, start, count }): [string, string] => [
    `${fc}:${start}`,
    Array.from({ length: count }, (_, i) => hexWord(words[start + i] ?? 0)).join(''),
  ]);
  return { mono, blocks: Object.fromEntries(blocks), models: {} };
}

/** Two words, the high one first. */
export function pair(address: number, value: number): Record<number, number> {
  return { [address]: Math.floor(value / 0x1_0000), [address + 1]: value % 0x1_0000 };
}

export function float(address: number, value: number): Record<number, number> {
  const view = new DataView(new ArrayBuffer(4));
  view.setFloat32(0, value);
  return pair(address, view.getUint32(0));
}

export function decode(profile: Profile, payload: Json): Decoded {
  return profile.decode(payload, { topic: DEVICE, device: DEVICE });
}

/** By quantity. */
export function valuesOf(decoded: Decoded): Readonly<Record<string, number | undefined>> {
  if (decoded.kind !== 'readings') return {};
  const [reading] = decoded.readings;
  return Object.fromEntries((reading?.quantities ?? []).map((quantity, i) => [quantity, reading?.values[i]]));
}

/** Reasons by the register's title. */
export function refusedOf(decoded: Decoded): Readonly<Record<string, string>> {
  return decoded.kind === 'readings'
    ? Object.fromEntries(decoded.refusedFields.map(({ field, reason }) => [field, reason]))
    : {};
}

function hexWord(word: number): string {
  return (word & 0xffff).toString(16).padStart(4, '0');
}
