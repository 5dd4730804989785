/** The captured payloads of test/devices, and the profiles they belong to. */
import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { findProfile, profileFolders, profileNames } from '../../src/config/profile-file.ts';
import { PROFILES, type ProfileOptions } from '../../src/devices/registry.ts';
import { ROOT } from './source-tree.ts';

/** Captured payloads and what a profile makes of them. */
export interface Golden {
  readonly about: string;
  readonly options?: ProfileOptions;
  /** A payload is JSON, or a text that is not. */
  readonly messages: readonly { readonly topic?: string; readonly payload: unknown }[];
  /** By message. */
  readonly expected: readonly unknown[];
}

export interface GoldenReading {
  readonly device: string;
  readonly serial: string | null;
  readonly deviceTime: string | null;
  readonly values: Readonly<Record<string, number>>;
}

/** Where a message without a topic of its own is said to come from. */
export const ANY_TOPIC = 'a/topic';

export const GOLDEN_FOLDER: string = join(ROOT, 'test/devices');
/** The user's would come first; there are none. */
const FOLDERS = profileFolders(GOLDEN_FOLDER);

export const PROFILE_NAMES: readonly string[] = [...Object.keys(PROFILES), ...profileNames(FOLDERS)];
export const PAYLOAD_PROFILE_NAMES: readonly string[] = PROFILE_NAMES.filter(
  (name) => profileData(name)?.kind !== 'registers',
);

/** Null for those that are code. */
export function profileData(name: string): NonNullable<ReturnType<typeof findProfile>>['data'] {
  return findProfile(name, FOLDERS)?.data ?? null;
}

/** The folders that hold captured payloads. */
export function goldenFolders(): readonly string[] {
  return [...new Set(globSync('*/*.json', { cwd: GOLDEN_FOLDER }).map((file) => dirname(file)))];
}

/** The files of a profile, by their names without extension. */
export function goldenFiles(profile: string): readonly { readonly name: string; readonly golden: Golden }[] {
  return globSync('*.json', { cwd: join(GOLDEN_FOLDER, profile) })
    .sort()
    .map((file) => ({
      name: file.replace(/\.json$/, ''),
      golden: JSON.parse(readFileSync(join(GOLDEN_FOLDER, profile, file), 'utf8')) as Golden,
    }));
}

/** The readings a message is expected to give; empty where it is refused or ignored. */
export function goldenReadings(expected: unknown): readonly GoldenReading[] {
  return (expected as { readings?: readonly GoldenReading[] }).readings ?? [];
}

export function payloadText(payload: unknown): string {
  return typeof payload === 'string' ? payload : JSON.stringify(payload);
}
