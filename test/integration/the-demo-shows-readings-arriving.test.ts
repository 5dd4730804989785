import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import type { Status } from '../../src/report/status.ts';
import { runCli } from '../support/run-cli.ts';
import { ROOT } from '../support/source-tree.ts';
import { tempDir } from '../support/temp-dir.ts';

it(
  './scripts/start --demo shows values that arrived, says how to look, and ends on SIGINT',
  { timeout: 120_000 },
  async () => {
    const cwd = tempDir();
    const config = join(cwd, 'data/demo/gateway.yaml');
    // As an earlier demo left it.
    mkdirSync(dirname(config), { recursive: true });
    writeFileSync(config, '', { mode: 0o644 });
    const demo = spawn(join(ROOT, 'scripts/start'), ['--demo'], { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    demo.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    demo.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
    const ended = once(demo, 'exit');
    try {
      await expect.poll(() => output, { timeout: 90_000 }).toMatch(/\d+ values have arrived/);
      expect(output).toContain('status --watch');
      const { stdout } = await runCli(['status', '--json', '--config', config], { cwd });
      const { problems } = JSON.parse(stdout) as Status;
      expect(problems.map(({ code }) => code)).not.toContain('secret.readable');
    } finally {
      demo.kill('SIGINT');
      await ended;
    }
    expect(demo.exitCode, output).toBe(0);
  },
);
