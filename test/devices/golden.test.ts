import { describe, expect, it } from 'vitest';
import type { Decoded, Profile } from '../../src/devices/profile.ts';
import { createProfile, createRegisterProfiles, type ProfileOptions } from '../../src/devices/registry.ts';
import { parsePayload } from '../../src/intake/parse.ts';
import { ANY_TOPIC, goldenFiles, goldenFolders, payloadText, PROFILE_NAMES, profileData } from '../support/golden.ts';

/** What configurations are written with: never renamed, and none is taken away. */
const STABLE = `
amis json tasmota esphome vzlogger shelly-gen1 shelly-gen2 go-e opendtu ahoydtu zigbee2mqtt dsmr-reader evcc openwb sofar2mqtt fronius
zcs-string-1ph sofar-ktlx-3ph zcs-hybrid-es sofar-g3 sofar-ktl-3mppt sdm120 sdm630 sunspec sma`
  .trim()
  .split(/\s+/);

it('the profiles have the names that were promised', () => {
  expect(STABLE).toHaveLength(25);
  expect(STABLE.filter((name) => !PROFILE_NAMES.includes(name))).toEqual([]);
});

it('what a profile tells a person is in sentences', () => {
  const notes = PROFILE_NAMES.flatMap((name) => profileData(name)?.notes ?? []);
  expect(notes.length).toBeGreaterThan(10);
  expect(notes.filter((note) => !/\w+ \w+/.test(note))).toEqual([]);
});

describe('captured payloads', () => {
  it('belong to a profile each, and each profile has some', () => {
    expect([...goldenFolders()].sort()).toEqual([...PROFILE_NAMES].sort());
  });

  describe.each(PROFILE_NAMES)('of the profile %s', (name) => {
    it.each(goldenFiles(name))('give what is expected: $name', ({ golden }) => {
      const profile = profileOf(name, golden.options ?? {});
      const results = golden.messages.map(({ topic = ANY_TOPIC, payload }) => decode(profile, topic, payload));
      expect(results).toEqual(golden.expected);
      expect(golden.about).not.toBe('');
    });
  });
});

function profileOf(name: string, options: ProfileOptions): Profile {
  const data = profileData(name);
  if (data?.kind !== 'registers') return createProfile({ name, data }, options);
  return createRegisterProfiles([{ device: 'grid-meter', profile: data, quantities: options.quantities ?? 'default' }]);
}

function decode(profile: Profile, topic: string, payload: unknown): unknown {
  const parsed = parsePayload(new TextEncoder().encode(payloadText(payload)), 65_536, profile.takesText);
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
