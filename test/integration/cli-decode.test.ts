/** `gateway decode` as a process: what it says of every captured payload, and of what is none. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ANY_TOPIC, goldenFiles, goldenReadings, payloadText, PROFILE_NAMES } from '../support/golden.ts';
import { runCli, type CliRun } from '../support/run-cli.ts';
import { tempDir } from '../support/temp-dir.ts';

/** A day on which no captured time is believed. */
const AT = '2031-01-01T00:00:00.000Z';

interface Document {
  readonly readings: readonly {
    readonly device: string;
    readonly at: string;
    readonly values: Record<string, number>;
  }[];
  readonly refusals: readonly { readonly field: string; readonly reason: string }[];
}

function decode(args: readonly string[], input: string, files: Readonly<Record<string, string>> = {}): Promise<CliRun> {
  const cwd = tempDir();
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(cwd, path)), { recursive: true });
    writeFileSync(join(cwd, path), text);
  }
  return runCli(['decode', ...args], { cwd, input });
}

function documentsOf({ stdout }: CliRun): Document[] {
  return stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Document);
}

describe.each(PROFILE_NAMES)('the captured payloads of %s', (name) => {
  const groups = Map.groupBy(goldenFiles(name), ({ golden }) => JSON.stringify(golden.options ?? {}));

  it.each([...groups])('give the golden values line by line, with the options %s', async (options, files) => {
    const goldens = files.map(({ golden }) => golden);
    const lines = goldens
      .flatMap(({ messages }) => messages)
      .map(({ topic = ANY_TOPIC, payload }) => JSON.stringify({ topic, payload: payloadText(payload), retain: 0 }));
    const { quantities, ...others } = JSON.parse(options) as { quantities?: string };
    const source = {
      type: 'mqtt',
      name: 'one',
      url: 'mqtt://broker',
      topics: ['#'],
      profile: name,
      device: 'grid-meter',
    };
    const configured = Object.keys(others).length > 0;
    const run = await decode(
      [
        ...(configured ? ['--source', 'one'] : ['--profile', name]),
        ...(quantities === undefined ? [] : ['--quantities', quantities]),
        '--at',
        AT,
        '--stream',
      ],
      `${lines.join('\n')}\n`,
      configured ? { 'gateway.yaml': JSON.stringify({ sources: [{ ...source, ...others }] }) } : {},
    );
    expect({ code: run.code, stderr: run.stderr }).toEqual({ code: 0, stderr: '' });
    const documents = documentsOf(run);
    const expected = goldens.flatMap((golden) => golden.expected);
    expect(documents).toHaveLength(expected.length);
    for (const [i, { readings, refusals }] of documents.entries()) {
      const golden = goldenReadings(expected[i]);
      expect(readings).toEqual(golden.map(({ device, values }) => ({ device, at: AT, values })));
      expect(refusals.filter(({ field }) => field === 'payload')).toHaveLength(golden.length === 0 ? 1 : 0);
    }
  });
});

describe('one payload', () => {
  const FIELD = '{"t":"2030-12-31T23:59:00Z","p":1.5,"s":"x"}';
  const OWN = `name: mine
title: my own
kind: payload
rules:
  - time: { path: t, unit: iso }
    fields: { pv.power: { path: p, unit: kW }, battery.soc: { path: s } }
`;

  it('is one document, by a profile of one’s own, at the device’s time where it is believed', async () => {
    const files = { 'data/profiles/mine.yaml': OWN };
    const run = await decode(
      ['--profile', 'mine', '--topic', 'home/roof', '--device', '{2}', '--at', AT],
      FIELD,
      files,
    );
    expect(JSON.parse(run.stdout)).toEqual({
      readings: [{ device: 'roof', at: '2030-12-31T23:59:00.000Z', values: { 'pv.power': 1500 } }],
      refusals: [{ field: 's', reason: 'not a decimal number' }],
    });
    expect(run.code).toBe(0);
    const later = await decode(['--profile', 'mine', '--at', '2031-02-01T00:00:00Z'], FIELD, files);
    expect(JSON.parse(later.stdout)).toMatchObject({
      readings: [{ at: '2031-02-01T00:00:00.000Z', device: 'grid-meter' }],
    });
  });

  it('is of now without --at', async () => {
    const before = Date.now();
    const run = await decode(['--profile', 'amis'], '{"1.7.0":5}');
    const [reading] = (JSON.parse(run.stdout) as Document).readings;
    expect(Date.parse(reading?.at ?? '')).toBeGreaterThanOrEqual(before);
    expect(Date.parse(reading?.at ?? '')).toBeLessThanOrEqual(Date.now());
  });

  it('that cannot be used is told with its reason, and is no failure of the command', async () => {
    const run = await decode(['--profile', 'amis'], '{"1.7.0":');
    expect(JSON.parse(run.stdout)).toEqual({
      readings: [],
      refusals: [{ field: 'payload', reason: 'not valid JSON' }],
    });
    expect(run.code).toBe(0);
  });
});

it('a stream goes on behind lines that are no messages, and tells state from readings', async () => {
  const input = [
    '{"topic":"evcc/site/pvPower","payload":"100","retain":0}',
    'rubbish',
    '',
    '{"topic":"evcc/site/pvPower"}',
    '{"topic":"evcc/site/pvPower","payload":"nan"}',
    '{"topic":"evcc/site/pvPower","payload":"100","retain":1}',
    '{"tst":"2026-11-20T14:00:00Z","topic":"evcc/site/pvPower","qos":0,"retain":0,"payloadlen":3,"payload":200}',
    '[1]',
    '{"topic":"evcc/site/pvPower","payload":"300"}',
  ].join('\n');
  const run = await decode(['--profile', 'evcc', '--stream', '--at', AT], input);
  expect(run.code).toBe(0);
  expect(
    documentsOf(run).map(({ readings: [reading], refusals }) => reading?.values['pv.power'] ?? refusals[0]?.reason),
  ).toEqual([
    100,
    'expected {"topic":"…","payload":…,"retain":false}',
    'expected {"topic":"…","payload":…,"retain":false}',
    'ignored: no value at present',
    'ignored: retained, without a time of its own: state, no reading',
    200,
    'expected {"topic":"…","payload":…,"retain":false}',
    300,
  ]);
});

describe('what is asked for wrongly', () => {
  it.each<[readonly string[], number, string, RegExp]>([
    [[], 1, 'expected either --profile or --source', /gateway profiles list/],
    [['--profile', 'amis', '--source', 'meter'], 1, 'expected either --profile or --source', /gateway profiles list/],
    [['--profile', 'tasmotta'], 1, 'there is no profile tasmotta; did you mean tasmota?', /gateway profiles list/],
    [['--profile', '../../etc/passwd'], 1, 'there is no profile ../../etc/passwd', /gateway profiles list/],
    [['--source', 'nobody'], 1, 'the configuration has no source nobody', /It has meter/],
    [['--profile', 'json'], 2, 'the profile json has no fields', /Add `fields`/],
    [
      ['--profile', 'bad'],
      2,
      'cannot be used:\n  rules[0].fields.pv.powr: unknown quantity; did you mean pv.power?',
      /profiles check/,
    ],
    [['--profile', 'amis', '--at', 'whenever'], 1, 'whenever', /./],
  ])('%j ends with %i and a hint', async (args, code, message, hint) => {
    const bad = 'name: bad\ntitle: t\nkind: payload\nrules: [{ fields: { pv.powr: { path: p } } }]\n';
    const run = await decode(args, '{}', { 'data/profiles/bad.yaml': bad });
    expect(run).toMatchObject({ code, stdout: '' });
    expect(run.stderr).toContain(message);
    expect(run.stderr).toMatch(/\nhint: /);
    expect(run.stderr.slice(run.stderr.indexOf('\nhint: '))).toMatch(hint);
  });
});

it('its help has the form of the document, and examples', async () => {
  const { code, stdout } = await runCli(['decode', '--help'], { cwd: tempDir() });
  expect(code).toBe(0);
  expect(stdout).toContain('{ "readings": [{ "device", "at", "values" }], "refusals": [{ "field", "reason" }] }');
  expect(stdout).toMatch(/Examples:\n {2}gateway decode --profile/);
});
