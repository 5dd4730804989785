import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { Status } from '../../src/report/status.ts';
import { lacks } from '../support/needs.ts';
import { runCli } from '../support/run-cli.ts';
import { ROOT } from '../support/source-tree.ts';
import { tempDir } from '../support/temp-dir.ts';
import { workedExamples } from '../support/worked-examples.ts';

const run = promisify(execFile);

describe.skipIf(lacks({ programs: ['curl'] }))('the walk-through of the README', () => {
  it('shows values, an outage that keeps them, and a replay', { timeout: 300_000 }, async () => {
    const cwd = tempDir();
    const demo = spawn(join(ROOT, 'scripts/start'), ['--demo'], { cwd, stdio: ['ignore', 'pipe', 'ignore'] });
    const ended = once(demo, 'exit');
    let output = '';
    demo.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    try {
      await expect.poll(() => output, { timeout: 90_000 }).toMatch(/\d+ values have arrived/);
      const standIn = /http:\/\/127\.0\.0\.1:\d+/.exec(output)?.[0] ?? '';
      const carryOut = async (command: string): Promise<string> => {
        const here = command
          .replaceAll('./scripts/', `${join(ROOT, 'scripts')}/`)
          .replaceAll('http://127.0.0.1:18080', standIn)
          .replaceAll(' --watch', '');
        return (await run('bash', ['-euc', here], { cwd })).stdout;
      };
      const [look = '', outage = '', recovery = ''] = commandsOf('Try it without a meter');

      const looked = await carryOut(look);
      expect(looked).toContain('Ledger (values)');
      expect(looked).toMatch(/^time,device,quantity,value,unit\r\n\S+,grid-meter,/m);

      await carryOut(outage);
      await expect.poll(() => codes(cwd), { timeout: 60_000 }).toContain('sink.retrying');
      const before = await pending(cwd);
      await expect.poll(() => pending(cwd), { timeout: 60_000 }).toBeGreaterThan(before);

      expect(await carryOut(recovery)).toContain('Queued as replay #1 (dynatrace).');
      await expect.poll(() => codes(cwd), { timeout: 90_000 }).toEqual([]);
    } finally {
      demo.kill('SIGINT');
      await ended;
    }
  });
});

function commandsOf(heading: string): string[] {
  const sections = readFileSync(join(ROOT, 'README.md'), 'utf8').split(/^## /m);
  const section = sections.find((text) => text.startsWith(`${heading}\n`)) ?? '';
  return workedExamples(section).map(({ command }) => command);
}

async function status(cwd: string): Promise<Status> {
  const { stdout } = await runCli(['status', '--json', '--config', 'data/demo/gateway.yaml'], { cwd });
  return JSON.parse(stdout) as Status;
}

async function codes(cwd: string): Promise<readonly string[]> {
  return (await status(cwd)).problems.map(({ code }) => code);
}

async function pending(cwd: string): Promise<number> {
  return (await status(cwd)).queue.pendingValues;
}
