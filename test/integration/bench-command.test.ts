import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { Results } from '../../scripts/bench/results.ts';
import { tempDir } from '../support/temp-dir.ts';

const MAIN = join(import.meta.dirname, '../../scripts/bench/main.ts');

function bench(...args: string[]) {
  return spawnSync(process.execPath, [MAIN, ...args], { encoding: 'utf8', env: { ...process.env, PATH: tempDir() } });
}

it('the benchmark writes its results as a table and as JSON', { timeout: 60_000 }, () => {
  const file = join(tempDir(), 'results.json');
  const { status, stdout } = bench('--only', 'peers', '--quick', '--from-source', '--json', file);
  expect(stdout).toContain('peers: telegraf: absent');
  expect(status).toBe(0);
  const results = JSON.parse(readFileSync(file, 'utf8')) as Results;
  expect(results).toMatchObject({ format: 1, scenarios: [{ name: 'peers', error: null }] });
  expect(results.machine.node).toBe(process.version);
});

it('the benchmark says what it does not know, and how it is used', { timeout: 60_000 }, () => {
  const { status, stderr } = bench('--only', 'brew');
  expect(stderr).toContain('error: no scenario brew');
  expect(stderr).toContain('Usage: npm run bench');
  expect(status).toBe(1);
});
