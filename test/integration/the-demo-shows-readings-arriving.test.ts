import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ROOT } from '../support/source-tree.ts';
import { tempDir } from '../support/temp-dir.ts';

it(
  './scripts/start --demo shows values that arrived, says how to look, and ends on SIGINT',
  { timeout: 120_000 },
  async () => {
    const demo = spawn(join(ROOT, 'scripts/start'), ['--demo'], { cwd: tempDir(), stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    demo.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    demo.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
    const ended = once(demo, 'exit');
    try {
      await expect.poll(() => output, { timeout: 90_000 }).toMatch(/\d+ values have arrived/);
      expect(output).toContain('status --watch');
    } finally {
      demo.kill('SIGINT');
      await ended;
    }
    expect(demo.exitCode, output).toBe(0);
  },
);
