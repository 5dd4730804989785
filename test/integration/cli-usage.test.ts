import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCli } from '../support/run-cli.ts';

const COMMANDS = [
  ['run'],
  ['status'],
  ['replay'],
  ['export'],
  ['dead-letters', 'list'],
  ['dead-letters', 'retry'],
  ['dead-letters', 'purge'],
  ['check'],
];
let cwd = '';

beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'cli-'));
});
afterAll(() => rm(cwd, { recursive: true }));

describe('gateway --help', () => {
  it('lists every command, examples and exit codes', async () => {
    const { code, stdout } = await runCli(['--help'], { cwd });
    expect(code).toBe(0);
    for (const [name] of [...COMMANDS, ['simulate']]) expect(stdout).toMatch(new RegExp(`^ {2}${name ?? ''} `, 'm'));
    expect(stdout).toMatch(/Examples:\n {2}gateway run/);
    expect(stdout).toContain('70 internal error');
  });

  it.each(COMMANDS.map((command) => [command]))('%j --help has --config and examples', async (command) => {
    const { code, stdout, stderr } = await runCli([...command, '--help'], { cwd });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('--config <file>');
    expect(stdout).toMatch(/Examples?:\n {2}\S/);
  });

  it.each([[['simulate']], [['simulate', 'meter']], [['simulate', 'dynatrace']]])(
    '%j --help has examples',
    async (command) => {
      const { code, stdout } = await runCli([...command, '--help'], { cwd });
      expect(code).toBe(0);
      expect(stdout).toMatch(/Examples:\n {2}gateway simulate/);
    },
  );

  it('tells a default in the form in which it is written', async () => {
    const { stdout } = await runCli(['simulate', 'meter', '--help'], { cwd });
    expect(stdout).toMatch(/--interval <duration> .*\(default:\s+5s\)/s);
    expect(stdout).not.toContain('5000');
  });

  it('prints the version', async () => {
    expect(await runCli(['--version'], { cwd })).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
    });
  });
});

describe('a usage error', () => {
  it.each([
    [[], 'Usage: gateway'],
    [['stauts'], 'Did you mean status?'],
    [['status', '--jsno'], 'Did you mean --json?'],
    [['replay', '--to', 'now'], "required option '--from <time>'"],
    [['export', '--from', '-1h', '--to', 'now', '--format', 'xml'], 'csv, jsonl, lp'],
    [['dead-letters', 'forget'], 'forget'],
    [['replay', '--from'], 'argument missing'],
  ])('%j exits with 1, prints nothing on stdout and says what is wrong', async (args, message) => {
    const { code, stdout, stderr } = await runCli(args, { cwd });
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain(message);
  });

  it('is JSON on stderr with --json', async () => {
    const { code, stderr } = await runCli(['replay', '--json'], { cwd });
    expect(code).toBe(1);
    expect(JSON.parse(stderr)).toEqual({
      error: {
        message: expect.stringContaining('--from'),
        hint: 'gateway replay --help shows the usage.',
        exitCode: 1,
      },
    });
  });
});

describe('an unsuitable Node.js', () => {
  it('is told what to do before anything native or any package is loaded', async () => {
    const old = "Object.defineProperty(process.versions, 'node', { value: '20.19.4' });";
    const node = ['--import', `data:text/javascript,${encodeURIComponent(old)}`];
    const { code, stdout, stderr } = await runCli(['status'], { cwd, node });
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/needs Node\.js 22\.19 or newer; this is 20\.19\.4\.\nhint: run \.\/scripts\/start/);
  });
});
