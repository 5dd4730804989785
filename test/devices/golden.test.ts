import { existsSync, globSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Decoded, Json } from '../../src/devices/profile.ts';
import { PROFILES, type ProfileOptions } from '../../src/devices/registry.ts';

/** A captured payload and what a profile makes of it. */
interface Golden {
  readonly about: string;
  readonly options: ProfileOptions;
  readonly payload: Json;
  readonly expected: unknown;
}

const HERE = import.meta.dirname;
const profiles = Object.entries(PROFILES);

describe('captured payloads', () => {
  it('belong to a registered profile each', () => {
    const directories = new Set(globSync('*/*.json', { cwd: HERE }).map((file) => dirname(file)));
    expect([...directories].sort()).toEqual(profiles.map(([name]) => name).sort());
  });

  describe.each(profiles)('of the profile %s', (name, create) => {
    const files = globSync('*.json', { cwd: join(HERE, name) });

    it('are there, beside a file of the profile', () => {
      expect(files.length).toBeGreaterThan(0);
      expect(existsSync(join(HERE, '../../src/devices', `${name}.ts`))).toBe(true);
    });

    it.each(files.map((file) => basename(file, '.json')))('give what is expected: %s', (file) => {
      const golden = JSON.parse(readFileSync(join(HERE, name, `${file}.json`), 'utf8')) as Golden;
      const decoded = create(golden.options).decode(golden.payload, { topic: 'a/topic', device: 'grid-meter' });
      expect(summary(decoded)).toEqual(golden.expected);
    });
  });
});

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
