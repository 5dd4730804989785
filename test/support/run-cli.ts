import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { join } from 'node:path';
import { ROOT } from './source-tree.ts';

export interface CliRun {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliOptions {
  /** Working directory; its gateway.yaml and .env are read. */
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Further arguments for Node itself. */
  readonly node?: readonly string[];
  /** What it reads from stdin; default: nothing. */
  readonly input?: string;
}

/** Runs `gateway` with the arguments as a process of its own, with nothing of this process's configuration. */
export async function runCli(
  args: readonly string[],
  { cwd, env = {}, node = [], input = '' }: CliOptions,
): Promise<CliRun> {
  const child = spawn(process.execPath, [...node, join(ROOT, 'src/cli.ts'), ...args], {
    cwd,
    env: { PATH: process.env['PATH'] ?? '', TZ: 'UTC', ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  // A program that ends without reading it has closed its end.
  child.stdin.on('error', () => undefined).end(input);
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  return { code, stdout, stderr };
}
