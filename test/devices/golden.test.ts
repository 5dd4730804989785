import { globSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findProfile, profileFolders, profileNames } from '../../src/config/profile-file.ts';
import type { Decoded, Profile } from '../../src/devices/profile.ts';
import { createProfile, createRegisterProfiles, PROFILES, type ProfileOptions } from '../../src/devices/registry.ts';
import { parsePayload } from '../../src/intake/parse.ts';

/** Captured payloads and what a profile makes of them. */
interface Golden {
  readonly about: string;
  readonly options?: ProfileOptions;
  /** A payload is JSON, or a text that is not. */
  readonly messages: readonly { readonly topic?: string; readonly payload: unknown }[];
  /** By message. */
  readonly expected: readonly unknown[];
}

const HERE = import.meta.dirname;
const FOLDERS = profileFolders(HERE);
const PROFILE_NAMES = [...Object.keys(PROFILES), ...profileNames(FOLDERS)];

describe('captured payloads', () => {
  it('belong to a profile each, and each profile has some', () => {
    const directories = new Set(globSync('*/*.json', { cwd: HERE }).map((file) => dirname(file)));
    expect([...directories].sort()).toEqual([...PROFILE_NAMES].sort());
  });

  describe.each(PROFILE_NAMES)('of the profile %s', (name) => {
    const files = globSync('*.json', { cwd: join(HERE, name) }).sort();

    it.each(files.map((file) => basename(file, '.json')))('give what is expected: %s', (file) => {
      const golden = JSON.parse(readFileSync(join(HERE, name, `${file}.json`), 'utf8')) as Golden;
      const profile = profileOf(name, golden.options ?? {});
      const results = golden.messages.map(({ topic = 'a/topic', payload }) => decode(profile, topic, payload));
      expect(results).toEqual(golden.expected);
      expect(golden.about).not.toBe('');
    });
  });
});

function profileOf(name: string, options: ProfileOptions): Profile {
  const data = findProfile(name, FOLDERS)?.data ?? null;
  if (data?.kind !== 'registers') return createProfile({ name, data }, options);
  return createRegisterProfiles([{ device: 'grid-meter', profile: data, quantities: options.quantities ?? 'default' }]);
}

function decode(profile: Profile, topic: string, payload: unknown): unknown {
  const text = typeof payload === 'string' ? payload : JSON.stringify(payload);
  const parsed = parsePayload(new TextEncoder().encode(text), 65_536, profile.takesText);
  return summary(parsed.kind === 'json' ? profile.decode(parsed.value, { topic, device: 'grid-meter' }) : parsed);
}

function summary(decoded: Decoded): unknown {
  if (decoded.kind !== 'readings') return { [decoded.kind]: decoded.reason };
  return {
    readings: decoded.readings.map(({ device, serial, deviceTime, quantities, values }) => ({
      device,
      serial,
      deviceTime: deviceTime === null ? null : new Date(deviceTime).toISOString(),
      values: Object.fromEntries(quantities.map((quantity, i) => [quantity, values[i]])),
    })),
    refusedFields: Object.fromEntries(decoded.refusedFields.map(({ field, reason }) => [field, reason])),
  };
}
