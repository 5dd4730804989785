import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { lockFileFaults } from '../../scripts/lock-file.ts';
import { ROOT } from '../support/source-tree.ts';

const REGISTRY = new URL('https://registry.example/npm/');
const INTEGRITY = `sha512-${'A'.repeat(86)}==`;
const MANIFEST = { name: 'gateway', version: '1.0.0', dependencies: { '@a/b': '1.2.3' } };
const GOOD = { version: '1.2.3', integrity: INTEGRITY };

type Lock = Parameters<typeof lockFileFaults>[0];
type Entry = NonNullable<Lock['packages']>[string];

function lockOf(entry: Entry, root: Entry = MANIFEST): Lock {
  return { lockfileVersion: 3, packages: { '': root, 'node_modules/@a/b': entry } };
}

function read(name: string): unknown {
  return JSON.parse(readFileSync(join(ROOT, name), 'utf8'));
}

describe('a lock file', () => {
  it('of this checkout is fit for a release', () => {
    expect(lockFileFaults(read('package-lock.json') as Lock, read('package.json') as Entry, REGISTRY)).toEqual([]);
  });

  it.each<readonly [string, Entry]>([
    ['by its content alone', GOOD],
    ['with an address of the registry', { ...GOOD, resolved: 'https://registry.example/npm/b-1.2.3.tgz' }],
    ['with ranges for others', { ...GOOD, dependencies: { c: '^1.0.0 || >=2 <3', d: '*', e: 'npm:@x/y@^2', f: '' } }],
  ])('may name a package %s', (_, entry) => {
    expect(lockFileFaults(lockOf(entry), MANIFEST, REGISTRY)).toEqual([]);
  });

  it.each<readonly [string, Entry]>([
    ['has no sha512 of its content', { version: '1.2.3' }],
    ['has no sha512 of its content', { ...GOOD, integrity: 'sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk=' }],
    ['has no version', { integrity: INTEGRITY }],
    ['comes from https://elsewhere.example/b.tgz', { ...GOOD, resolved: 'https://elsewhere.example/b.tgz' }],
    ['comes from http://registry.example/b.tgz', { ...GOOD, resolved: 'http://registry.example/b.tgz' }],
    ['comes from git+ssh://git@host/b.git#1', { ...GOOD, resolved: 'git+ssh://git@host/b.git#1' }],
    ['comes from ../b', { ...GOOD, resolved: '../b' }],
    ['is a link', { ...GOOD, link: true }],
    ['is in truth other', { ...GOOD, name: 'other' }],
    ['declares a script for its installation', { ...GOOD, hasInstallScript: true }],
    ...['git+https://host/c.git', 'github:o/c', 'o/c', 'file:../c', 'https://host/c.tgz'].map(
      (range) => [`asks for c from ${range}`, { ...GOOD, dependencies: { c: range } }] as const,
    ),
  ])('is refused for a package that %s', (fault, entry) => {
    expect(lockFileFaults(lockOf(entry), MANIFEST, REGISTRY)).toEqual([`node_modules/@a/b ${fault}`]);
  });

  it('is refused when it is out of step with package.json, or that leaves a version open', () => {
    const other = { ...MANIFEST, version: '1.0.1', devDependencies: { c: '1.0.0' } };
    expect(lockFileFaults(lockOf(GOOD), other, REGISTRY)).toEqual([
      'version is not what package.json says',
      'devDependencies is not what package.json says',
    ]);
    const open = { ...MANIFEST, dependencies: { '@a/b': '^1.2.3' } };
    expect(lockFileFaults(lockOf(GOOD, open), open, REGISTRY)).toEqual(['@a/b: ^1.2.3 is not one exact version']);
    expect(lockFileFaults({ lockfileVersion: 2, packages: {} }, {}, REGISTRY)).toEqual([
      'lockfileVersion is 2, not 3',
      'no package is locked',
    ]);
  });
});
