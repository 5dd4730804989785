import { execFileSync, spawnSync } from 'node:child_process';
import { appendFileSync, cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../support/source-tree.ts';
import { tempDir } from '../support/temp-dir.ts';

const COPIED = ['scripts', 'package.json', 'package-lock.json', 'CHANGELOG.md', '.gitignore'];
/** Answers as npm would, with no network: the audit as the test says. */
const NPM = `#!/bin/sh
case $1 in
  config) echo https://registry.example/ ;;
  ci) [ "\${CI_FAILS:-}" = "" ] ;;
  audit) case \${AUDIT:-good} in
    good) exit 0 ;;
    absent) echo "npm error audit endpoint returned an error"; exit 1 ;;
    *) echo "1 critical severity vulnerability"; exit 1 ;;
  esac ;;
  sbom) echo '{"bomFormat":"CycloneDX"}' ;;
esac
`;

class Checkout {
  readonly dir = tempDir();
  readonly #bin = tempDir();

  constructor() {
    for (const name of COPIED) cpSync(join(ROOT, name), join(this.dir, name), { recursive: true });
    mkdirSync(this.#bin, { recursive: true });
    writeFileSync(join(this.#bin, 'npm'), NPM, { mode: 0o755 });
    this.git('init', '--quiet');
    this.commit();
  }

  git(...args: string[]): string {
    const author = ['-c', 'user.name=t', '-c', 'user.email=t@example.org'];
    return execFileSync('git', [...author, ...args], { cwd: this.dir, encoding: 'utf8' });
  }

  commit(): void {
    this.git('add', '--all');
    this.git('commit', '--quiet', '--message', 'state', '--allow-empty');
  }

  edit(name: string, change: (text: string) => string): void {
    const path = join(this.dir, name);
    writeFileSync(path, change(readFileSync(path, 'utf8')));
    this.commit();
  }

  release(args: readonly string[], env: Readonly<Record<string, string>> = {}): { code: number | null; said: string } {
    const PATH = `${this.#bin}:${process.env['PATH'] ?? ''}`;
    const options = { cwd: this.dir, encoding: 'utf8', env: { ...process.env, ...env, PATH } } as const;
    const { status, stdout, stderr } = spawnSync(join(this.dir, 'scripts/release'), args, options);
    return { code: status, said: stdout + stderr };
  }
}

const BILL = 'release/energy-gateway-0.1.0.cdx.json';

describe('a release', () => {
  it('of a checkout with nothing against it writes the bill of materials, and with --dry-run nothing', () => {
    const checkout = new Checkout();
    const dry = checkout.release(['--dry-run']);
    expect(dry).toEqual({ code: 0, said: expect.stringContaining(`Would write ${BILL}`) as unknown });
    expect(dry.said).toContain('Would run ./scripts/test.');
    expect(existsSync(join(checkout.dir, 'release'))).toBe(false);
    const real = checkout.release(['--no-test']);
    expect(real).toEqual({ code: 0, said: expect.stringContaining('v0.1.0 can be released') as unknown });
    expect(real.said).toContain('WARNING: ./scripts/test was not run');
    expect(JSON.parse(readFileSync(join(checkout.dir, BILL), 'utf8'))).toEqual({ bomFormat: 'CycloneDX' });
    expect(checkout.git('status', '--porcelain')).toBe('');
  });

  it.each<readonly [string, string, (checkout: Checkout) => void, Readonly<Record<string, string>>]>([
    ['a changed file', 'the tree is not clean', ({ dir }) => appendFileSync(join(dir, 'CHANGELOG.md'), 'x'), {}],
    ['a tag of this version', 'v0.1.0 is tagged already', (checkout) => void checkout.git('tag', 'v0.1.0'), {}],
    [
      'nothing in the changelog',
      'says nothing under "Unreleased"',
      (checkout) => checkout.edit('CHANGELOG.md', () => '# Changelog\n\n## Unreleased\n\n## 0.0.9\n\nOld.\n'),
      {},
    ],
    [
      'a package without its checksum',
      'has no sha512 of its content',
      (checkout) => checkout.edit('package-lock.json', (text) => text.replace(/"integrity": "[^"]*",?\n/, '')),
      {},
    ],
    ['a lock file out of step', 'package-lock.json is not in step', () => undefined, { CI_FAILS: 'yes' }],
    ['a vulnerability', 'a dependency has a known vulnerability', () => undefined, { AUDIT: 'bad' }],
    ['a registry without audits', 'nobody has looked for vulnerabilities', () => undefined, { AUDIT: 'absent' }],
  ])('is refused for %s', (_, reason, spoil, env) => {
    const checkout = new Checkout();
    spoil(checkout);
    const { code, said } = checkout.release(['--no-test'], env);
    expect({ code, said }).toEqual({ code: 1, said: expect.stringContaining(reason) as unknown });
    expect(existsSync(join(checkout.dir, 'release'))).toBe(false);
  });

  it('goes on without an audit only when told to, never with a vulnerability', () => {
    const checkout = new Checkout();
    const options = ['--no-test', '--dry-run', '--audit-may-be-absent'];
    const absent = checkout.release(options, { AUDIT: 'absent' });
    expect(absent).toEqual({
      code: 0,
      said: expect.stringContaining('WARNING: the registry answers no audits') as unknown,
    });
    expect(checkout.release(options, { AUDIT: 'bad' }).code).toBe(1);
  });
});
