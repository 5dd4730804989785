import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { runCli } from '../support/run-cli.ts';
import { seedQueue } from '../support/seed-queue.ts';
import { ROOT } from '../support/source-tree.ts';
import { contractViolations, STATUS_CONTRACT } from '../support/status-contract.ts';

let cwd = '';

beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'cli-'));
});
afterEach(() => rm(cwd, { recursive: true }));

describe('exit codes of the command line', () => {
  it('status before the first run prints the whole shape and exits with 3', async () => {
    const { code, stdout, stderr } = await runCli(['status', '--json'], { cwd });
    expect({ code, stderr }).toEqual({ code: 3, stderr: '' });
    expect(contractViolations(STATUS_CONTRACT, JSON.parse(stdout))).toEqual([]);
  });

  it('status of a queue whose daemon has ended shows its ledger and exits with 3', async () => {
    const values = await seedQueue(join(cwd, 'data'), [{ at: Date.now() }]);
    const { code, stdout, stderr } = await runCli(['status', '--json'], { cwd });
    expect({ code, stderr }).toEqual({ code: 3, stderr: '' });
    expect(JSON.parse(stdout)).toMatchObject({ daemon: { running: false }, sinks: [{ ledger: { pending: values } }] });
  });

  it('a look leaves no trace: no data directory is made', async () => {
    await runCli(['status'], { cwd });
    expect((await runCli(['export', '--from', '-1h', '--to', 'now'], { cwd })).code).toBe(1);
    await expect(mkdir(join(cwd, 'data'))).resolves.toBeUndefined();
  });

  it.each([['check'], ['run'], ['replay', '--from', '-1h', '--to', 'now']])(
    '%s with a bad configuration names every problem and exits with 2',
    async (...args) => {
      await writeFile(join(cwd, 'gateway.yaml'), 'queue: { ttl: soon }\nsinkz: []\n');
      const { code, stdout, stderr } = await runCli(args, { cwd });
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
      expect(stderr).toMatch(/sinkz: .*\n.*queue\.ttl: .*\nhint: /);
    },
  );

  it('status with a bad configuration names every problem, shows what is stored, and exits with 2', async () => {
    const values = await seedQueue(join(cwd, 'data'), [{ at: Date.now() }]);
    await writeFile(join(cwd, 'gateway.yaml'), 'queue: { ttl: soon }\nsinkz: []\n');
    const { code, stdout, stderr } = await runCli(['status'], { cwd });
    expect(code).toBe(2);
    expect(stderr).toMatch(/sinkz: .*\n.*queue\.ttl: .*\nhint: /);
    expect(stdout).toContain(`1 reading, ${values} value`);
  });

  it('status with a configuration that is not valid YAML does so too', async () => {
    const values = await seedQueue(join(cwd, 'elsewhere'), [{ at: Date.now() }]);
    await writeFile(join(cwd, 'gateway.yaml'), 'dataDir: ./elsewhere\nsources: [\n');
    const { code, stdout, stderr } = await runCli(['status'], { cwd });
    expect(code).toBe(2);
    expect(stderr).toContain('gateway.yaml:');
    expect(stdout).toContain(`1 reading, ${values} value`);
  });

  it('is JSON on stderr with --json, beside the status on stdout', async () => {
    await writeFile(join(cwd, 'gateway.yaml'), 'queue: { ttl: soon }\n');
    const { code, stdout, stderr } = await runCli(['status', '--json'], { cwd });
    expect(code).toBe(2);
    expect(contractViolations(STATUS_CONTRACT, JSON.parse(stdout))).toEqual([]);
    expect(JSON.parse(stderr)).toMatchObject({ error: { exitCode: 2, message: expect.stringContaining('queue.ttl') } });
  });

  it('takes --config before and after the command', async () => {
    const file = join(cwd, 'other.yaml');
    await writeFile(file, 'dataDir: ./elsewhere\n');
    for (const args of [
      ['--config', file, 'check', '--json'],
      ['check', '--json', '--config', file],
    ]) {
      expect((await runCli(args, { cwd })).stdout).toContain('elsewhere');
    }
  });

  it('takes a relative time after --from although it begins with a hyphen', async () => {
    const { code, stderr } = await runCli(['export', '--from', '-2h', '--to=-1h'], { cwd });
    expect(code).toBe(1);
    expect(stderr).toContain('there is no database');
  });

  it('an error of our own exits with 70, a stack, and where to report it', async () => {
    const broken = "process.cwd = () => { throw new TypeError('broken on purpose'); };";
    const node = ['--import', `data:text/javascript,${encodeURIComponent(broken)}`];
    const { code, stderr } = await runCli(['status'], { cwd, node });
    expect(code).toBe(70);
    expect(stderr).toMatch(/TypeError: broken on purpose\n +at [\s\S]*open an issue/);
  });
});

describe('gateway status --watch as a process', () => {
  it('ends with 0 on SIGINT', async () => {
    const child = watch();
    await once(child.stdout, 'data');
    child.kill('SIGINT');
    expect(await once(child, 'exit')).toEqual([0, null]);
  });

  it('ends with 0 when its reader has seen enough', async () => {
    const child = watch();
    await once(child.stdout, 'data');
    child.stdout.destroy();
    expect(await once(child, 'exit')).toEqual([0, null]);
  });
});

function watch() {
  const child = spawn(process.execPath, [join(ROOT, 'src/cli.ts'), 'status', '--watch'], {
    cwd,
    env: { PATH: process.env['PATH'] ?? '' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}
