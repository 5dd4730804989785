import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PROFILE_NAMES } from '../support/golden.ts';
import { runCli, type CliRun } from '../support/run-cli.ts';
import { tempDir } from '../support/temp-dir.ts';

const MINE = `name: mine
title: my own meter
kind: payload
rules:
  - { topic: power, value: { quantity: grid.power, unit: kW } }
  - fields: { energy.active.import: { path: e, unit: kWh }, pv.1.power: { path: p, enabled: false } }
`;
/** A profile of one's own, one that cannot be used, and one in the place of another. */
const FILES = {
  'mine.yaml': MINE,
  'bad.yaml': 'name: bad\ntitle: t\nkind: payload\nrules: [{ fields: { pv.powr: { path: p } } }]\n',
  'evcc.yaml': MINE.replace('mine', 'evcc'),
};

function profiles(...args: string[]): Promise<CliRun> {
  const cwd = tempDir();
  mkdirSync(join(cwd, 'data/profiles'), { recursive: true });
  for (const [name, text] of Object.entries(FILES)) writeFileSync(join(cwd, 'data/profiles', name), text);
  return runCli(['profiles', ...args], { cwd });
}

describe('profiles list', () => {
  it('shows those of the program and the user’s, which go before, and what cannot be used', async () => {
    const { code, stdout } = await profiles('list');
    expect(code).toBe(0);
    expect(stdout).toMatch(/^mine +MQTT, HTTP +yours +my own meter$/m);
    expect(stdout).toMatch(/^evcc +MQTT, HTTP +yours +my own meter$/m);
    expect(stdout).toMatch(/^tasmota +MQTT, HTTP +built in +Tasmota/m);
    expect(stdout).toMatch(/^sdm120 +Modbus +built in +/m);
    expect(stdout).toMatch(/^bad +\? +yours +cannot be used: gateway profiles check \S+bad\.yaml$/m);
  });

  it('is the same for programs', async () => {
    const listed = JSON.parse((await profiles('list', '--json')).stdout) as { name: string; valid: boolean }[];
    expect(listed.map(({ name }) => name).toSorted()).toEqual([...PROFILE_NAMES, 'bad', 'mine'].toSorted());
    expect(listed).toContainEqual({
      name: 'amis',
      kind: 'payload',
      title: expect.any(String),
      builtIn: true,
      valid: true,
    });
    expect(listed).toContainEqual({
      name: 'evcc',
      kind: 'payload',
      title: 'my own meter',
      builtIn: false,
      valid: true,
    });
    expect(listed.filter(({ valid }) => !valid)).toMatchObject([{ name: 'bad', kind: null, builtIn: false }]);
  });
});

describe('profiles show', () => {
  it('prints the file, or everything that follows from it', async () => {
    expect(await profiles('show', 'mine')).toMatchObject({ code: 0, stdout: MINE });
    const data = JSON.parse((await profiles('show', 'mine', '--json')).stdout) as unknown;
    expect(data).toMatchObject({
      name: 'mine',
      rules: [
        { topic: 'power', part: true, value: { factor: 1, enabled: true } },
        { fields: [{ unit: 'kWh' }, { unit: 'W' }] },
      ],
    });
  });

  it.each([
    [['show', 'amis'], 1, 'amis is code and has no file'],
    [['show', 'nobody'], 1, 'there is no profile nobody'],
    [['show', 'bad', '--json'], 2, 'unknown quantity'],
  ])('%j ends with %i and a hint', async (args, code, message) => {
    const run = await profiles(...args);
    expect(run).toMatchObject({ code, stdout: '' });
    expect(run.stderr).toContain(message);
    expect(run.stderr).toMatch(/hint/);
  });
});

describe('profiles check', () => {
  it('says what a right file gives', async () => {
    expect(await profiles('check', 'data/profiles/mine.yaml')).toMatchObject({
      code: 0,
      stdout: 'data/profiles/mine.yaml is right: energy.active.import, grid.power, pv.1.power\n',
    });
    expect(JSON.parse((await profiles('check', 'data/profiles/mine.yaml', '--json')).stdout)).toEqual({
      name: 'mine',
      kind: 'payload',
      quantities: ['energy.active.import', 'grid.power', 'pv.1.power'],
    });
  });

  it('says everything that is wrong with another, also for programs', async () => {
    const run = await profiles('check', 'data/profiles/bad.yaml');
    expect(run).toMatchObject({ code: 2, stdout: '' });
    expect(run.stderr).toContain('rules[0].fields.pv.powr: unknown quantity; did you mean pv.power?');
    expect(run.stderr).toMatch(/\nhint: Correct it, then try `gateway profiles check/);
    const json = JSON.parse((await profiles('check', 'data/profiles/bad.yaml', '--json')).stderr) as unknown;
    expect(json).toMatchObject({ error: { exitCode: 2, message: expect.stringContaining('unknown quantity') } });
    expect(await profiles('check', 'nowhere.yaml')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('ENOENT'),
    });
  });
});

it.each([[[]], [['list']], [['show']], [['check']]])('profiles %j --help shows its usage', async (command) => {
  const { code, stdout } = await profiles(...command, '--help');
  expect(code).toBe(0);
  expect(stdout).toContain('Usage: gateway profiles');
});

it('profiles --help shows where one’s own belong, and examples', async () => {
  const { stdout } = await profiles('--help');
  expect(stdout).toContain('the folder profiles of the data directory');
  expect(stdout).toMatch(/Examples:\n {2}gateway profiles list/);
});
