import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findProfile, profileFolders, profileNames, readProfile } from '../../../src/config/profile-file.ts';
import { formatIssue } from '../../../src/config/issue.ts';
import { issuesOf, load } from '../../support/configuration.ts';
import { tempDir } from '../../support/temp-dir.ts';

const MINE = `kind: payload
title: my own
rules: [{ topic: p, value: { quantity: pv.power } }]
`;

/** A data directory with these profiles. */
function dataDirWith(files: Readonly<Record<string, string>>): string {
  const dir = tempDir();
  mkdirSync(join(dir, 'profiles'));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(dir, 'profiles', name), text);
  return dir;
}

function issuesIn(name: string, text: string): string[] {
  const path = join(dataDirWith({ [name]: text }), 'profiles', name);
  return readProfile(path).issues.map((issue) => formatIssue(issue).replace(path, name));
}

describe('profile files', () => {
  it('of the user go before those of the program, and stand beside them', () => {
    const folders = profileFolders(
      dataDirWith({ 'evcc.yaml': `name: evcc\n${MINE}`, 'my-own.yaml': `name: my-own\n${MINE}` }),
    );
    expect(findProfile('evcc', folders)).toMatchObject({ builtIn: false, data: { title: 'my own' } });
    expect(findProfile('fronius', folders)).toMatchObject({ builtIn: true, data: { name: 'fronius' } });
    expect(profileNames(folders)).toEqual(expect.arrayContaining(['evcc', 'fronius', 'my-own']));
    expect(profileNames(folders).filter((name) => name === 'evcc')).toHaveLength(1);
  });

  it('are looked for by their names and by nothing that leads out of their folder', () => {
    const dir = dataDirWith({ 'x.yaml': `name: x\n${MINE}` });
    writeFileSync(join(dir, 'outside.yaml'), `name: outside\n${MINE}`);
    const folders = profileFolders(dir);
    expect(findProfile('x', folders)?.data).not.toBeNull();
    for (const name of ['../outside', './x', 'X', '', 'nobody']) expect(findProfile(name, folders)).toBeNull();
  });

  it('that cannot be used say why', () => {
    expect(issuesIn('a.yaml', `name: b\n${MINE}`)).toEqual([
      'a.yaml: name: expected a, the name of its file, received "b"',
    ]);
    expect(issuesIn('amis.yaml', `name: amis\n${MINE}`)).toEqual([
      'amis.yaml: name: expected another name: this profile is part of the program, received "amis"',
    ]);
    expect(issuesIn('a.yaml', 'name: a\nrules: [')[0]).toBe('a.yaml:2: the indentation does not fit the lines above');
    expect(issuesIn('a.yaml', 'name: a\nkind: payloads')).toEqual([
      'a.yaml: kind: expected a kind: payload or registers, received "payloads"; did you mean payload?',
    ]);
    expect(readProfile('/nowhere/a.yaml').issues.map(formatIssue)).toEqual([
      '/nowhere/a.yaml: the file cannot be read: ENOENT',
    ]);
  });
});

describe('a profile of registers', () => {
  const HEAD = `name: a
kind: registers
title: mine
blocks: [{ start: 0, count: 2 }]
`;
  const POWER = '{ at: 0, type: u16, quantity: pv.power, unit: W, title: p, enabled: true }';

  it('must read each of its registers', () => {
    expect(issuesIn('a.yaml', `${HEAD}registers: [${POWER.replace('at: 0', 'at: 2')}]\n`)).toEqual([
      'a.yaml: registers[0]: no block reads all of it',
    ]);
  });
});

/** A configuration of one source with these keys. */
function source(keys: string): string {
  return `sources:\n  - { type: mqtt, url: mqtt://broker, topics: [a], ${keys} }\n`;
}

describe('the profile of a source', () => {
  it('is one of the program, or the user’s, which goes before', () => {
    const builtIn = load({ files: { 'gateway.yaml': source('profile: evcc') } });
    expect(builtIn.sources[0]).toMatchObject({ profile: { name: 'evcc', data: { title: 'evcc' } } });
    const own = load({
      files: { 'gateway.yaml': source('profile: evcc'), 'data/profiles/evcc.yaml': `name: evcc\n${MINE}` },
    });
    expect(own.sources[0]).toMatchObject({ profile: { name: 'evcc', data: { title: 'my own' } } });
  });

  it('that is unknown, wrong or of another kind is an error that says so', () => {
    expect(issuesOf({ files: { 'gateway.yaml': source('profile: tasmotta') } })).toEqual([
      'sources[0].profile: unknown profile, see `gateway profiles list`, received "tasmotta"; did you mean tasmota?',
    ]);
    expect(issuesOf({ files: { 'gateway.yaml': source('profile: sdm120') } })).toEqual([
      'sources[0].profile: expected a profile of payload, received "sdm120"',
    ]);
    expect(
      issuesOf({
        files: { 'gateway.yaml': source('profile: mine'), 'data/profiles/mine.yaml': `name: other\n${MINE}` },
      }),
    ).toEqual(['./data/profiles/mine.yaml: name: expected mine, the name of its file, received "other"']);
  });

  it('can be begun as a copy of one of the program', () => {
    const folders = profileFolders(tempDir());
    const path = findProfile('evcc', folders)?.path ?? '';
    const text = readFileSync(path, 'utf8').replace('name: evcc', 'name: mine');
    expect(issuesIn('mine.yaml', text)).toEqual([]);
  });
});
