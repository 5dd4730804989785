import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { guessDataDir } from '../../../src/commands/guess-data-dir.ts';
import { tempDir } from '../../support/temp-dir.ts';

function guess(text: string, env: Record<string, string> = {}): string | null {
  const cwd = tempDir();
  writeFileSync(join(cwd, 'gateway.yaml'), text);
  return guessDataDir(undefined, env, cwd)?.replace(cwd, '.') ?? null;
}

it.each([
  ['what the file says', 'dataDir: /srv/gateway\nqueue: { ttl: soon }', '/srv/gateway'],
  ['the default', 'sinkz: []', './data'],
  ['what a file says that is not valid YAML', 'dataDir: /srv/gateway # on the SSD\nqueue: [', '/srv/gateway'],
  ['the same in quotes', `queue: {\n"dataDir": "/srv/my gateway"\n`, '/srv/my gateway'],
  ['the same in single quotes, at a line end of Windows', `dataDir: './d'\r\nqueue: [`, './d'],
  ['the default, where such a file says nothing', 'queue: [', './data'],
  ['the default, where the key stands elsewhere', '- dataDir: /srv', './data'],
])('the data directory is %s', (_, text, dataDir) => {
  expect(guess(text)).toBe(dataDir);
});

it('is what the environment says, whatever the file says', () => {
  expect(guess('dataDir: /srv/gateway\nqueue: [', { GATEWAY_DATA_DIR: '/other' })).toBe('/other');
});

it.each([
  ['is a variable', 'dataDir: "${STATE}"'],
  ['is a variable in a file that is not valid YAML', 'dataDir: ${STATE}\nqueue: ['],
  ['is no text', 'dataDir: [a]'],
])('nobody knows it where it %s', (_, text) => {
  expect(guess(text)).toBeNull();
});

it('nobody knows it where the file is missing or cannot be read', () => {
  const cwd = tempDir();
  mkdirSync(join(cwd, 'gateway.yaml'));
  expect(guessDataDir(undefined, {}, cwd)).toBeNull();
  expect(guessDataDir('other.yaml', {}, cwd)).toBeNull();
});
