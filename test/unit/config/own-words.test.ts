import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { parseYaml } from '../../../src/config/config-file.ts';
import type { Issue } from '../../../src/config/issue.ts';
import { profileSchema } from '../../../src/config/profile-schema.ts';
import { configSchema } from '../../../src/config/schema.ts';
import { checkSchema } from '../../../src/config/schema-issues.ts';
import { issuesOf } from '../../support/configuration.ts';
import { ROOT } from '../../support/source-tree.ts';

const CONFIG = {
  dataDir: './data',
  dimensions: { site: 'home' },
  queue: { ttl: '1d' },
  site: { grid: 'a', pv: ['b'], battery: [], chargers: [] },
  sources: [
    { type: 'mqtt', url: 'mqtt://b', topics: ['x'], quantities: ['pv.*'], invert: ['grid.power'], trustTime: {} },
    { type: 'mqtt', url: 'mqtt://c', topics: ['x'], profile: 'json', fields: { 'pv.power': { path: 'a', factor: 2 } } },
    { type: 'modbus', url: 'serial:/dev/x', stopBits: 1, baud: 9600, devices: [{ unit: 1, profile: 'sma' }] },
    { type: 'http', url: 'http://d', profile: 'fronius', paths: ['/a'] },
  ],
  sinks: [{ type: 'dynatrace', url: 'https://x', token: 't', backfill: false }],
};
/** What the profiles that come with the gateway have not all of. */
const EVERY_REGISTER_KEY = {
  name: 'a',
  title: 'a',
  kind: 'registers',
  line: { baud: 9600, parity: 'none', dataBits: 8, stopBits: 1 },
  registers: [{ at: 1, fc: 3, type: 'u16', title: 'a', quantity: 'pv.power' }],
  blocks: [{ start: 1, count: 1 }],
  states: { 'device.state': { 1: 'waiting' } },
  bits: { 'device.status.1': { 0: 'grid lost' } },
  detect: { serial: { address: 1, words: 1, prefixes: ['a'] }, plausible: [{ address: 1, min: 0, max: 1 }] },
};
const WRONG: readonly unknown[] = [null, '', 'a b', -1, 1e9, 0.5, true, [], [null], [[]], {}, { 'a b': null }];

/** Said of what the schema has no words for. */
const HELPS_NOBODY = /something else/;

/** Every document in which one place holds something else; of equal entries of lists only the first is changed. */
function* broken(value: unknown): Generator {
  yield* WRONG;
  if (Array.isArray(value)) {
    const [first, ...rest] = value as readonly unknown[];
    for (const other of broken(first)) yield [other, ...rest];
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, inner] of Object.entries(value))
      for (const other of broken(inner)) yield { ...value, [key]: other };
  }
}

function messages(schema: z.ZodType, document: unknown): string[] {
  const said = [...broken(document)].flatMap((one) => checkSchema(schema, one).issues.map(({ message }) => message));
  return [...new Set(said)].sort();
}

function profile(name: string): unknown {
  return parseYaml(readFileSync(join(ROOT, 'profiles', `${name}.yaml`), 'utf8'), name).document;
}

describe('what is said of a value of the wrong form is in own words', () => {
  it.each<[string, z.ZodType, unknown]>([
    ['in gateway.yaml', configSchema, CONFIG],
    ...CONFIG.sources.map((source): [string, z.ZodType, unknown] => [
      `in a source of type ${source.type}`,
      configSchema,
      { sources: [source] },
    ]),
    ['in a profile with everything about a line and its states', profileSchema, EVERY_REGISTER_KEY],
    ...['sdm120', 'sunspec', 'go-e'].map((name): [string, z.ZodType, unknown] => [
      `in the profile ${name}`,
      profileSchema,
      profile(name),
    ]),
  ])('%s', (_, schema, document) => {
    const said = messages(schema, document);
    expect(said.length).toBeGreaterThan(5);
    expect(said.filter((message) => !/^[a-z]/.test(message) || HELPS_NOBODY.test(message))).toEqual([]);
  });

  it.each<[object, Partial<Issue>]>([
    [{ line: { dataBits: 9 } }, { where: 'line.dataBits', message: 'expected 7 or 8', received: 9 }],
    [{ line: { stopBits: '1' } }, { where: 'line.stopBits', message: 'expected 1 or 2', received: '1' }],
    // The key stands in the place; what it leads to is right.
    [
      { states: { 'device.state': { on: 'waiting' } } },
      { where: 'states.device.state.on', message: 'expected a number as the key', received: undefined },
    ],
    [
      { bits: { 'device.status.1': { x: 'grid lost' } } },
      { where: 'bits.device.status.1.x', message: 'expected a number as the key', received: undefined },
    ],
  ])('of %j', (wrong, issue) => {
    expect(checkSchema(profileSchema, { ...EVERY_REGISTER_KEY, ...wrong }).issues).toMatchObject([issue]);
  });

  it('with what is expected and what was found', () => {
    const source =
      "sources: [{ type: modbus, url: 'tcp://a', quantities: x, devices: [{ profile: sma, invert: [1] }] }]";
    expect(issuesOf({ files: { 'gateway.yaml': source } })).toContain(
      'sources[0].devices[0].invert[0]: expected text, received 1',
    );
  });
});
