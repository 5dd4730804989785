/**
 * Pages whose examples a test carries out in their order: a fenced block with a file's name behind its language is that file,
 * a block of `sh` is run, and a block without a name behind it is what it prints.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { ROOT } from './source-tree.ts';
import { tempDir } from './temp-dir.ts';

export interface WorkedExample {
  readonly command: string;
  /** What the page says it prints; null where it does not say. */
  readonly prints: string | null;
  /** The files that stand above it, by their paths. */
  readonly files: Readonly<Record<string, string>>;
}

interface Block {
  readonly language: string;
  readonly file: string;
  readonly text: string;
}

export function workedExamples(page: string): WorkedExample[] {
  const blocks = [...page.matchAll(/^```(\w+) ?(.*)\n([^]*?)^```$/gm)].map(
    ([, language = '', file = '', text = '']): Block => ({ language, file, text }),
  );
  return blocks.flatMap(({ language, text }, i) => {
    if (language !== 'sh') return [];
    const files = blocks.slice(0, i).filter(({ file }) => file !== '');
    const next = blocks[i + 1];
    const prints = next === undefined || next.language === 'sh' || next.file !== '' ? null : next.text;
    return [{ command: text, prints, files: Object.fromEntries(files.map((block) => [block.file, block.text])) }];
  });
}

/** In a folder with the files that the page has named so far, and `gateway` on PATH. Throws when the command fails. */
export function carryOut({ command, files }: WorkedExample): string {
  const cwd = tempDir();
  const bin = join(cwd, '.bin');
  const gateway = `#!/bin/sh\nexec '${process.execPath}' '${join(ROOT, 'src/cli.ts')}' "$@"\n`;
  for (const [path, text] of Object.entries({ ...files, '.bin/gateway': gateway })) {
    mkdirSync(dirname(join(cwd, path)), { recursive: true });
    writeFileSync(join(cwd, path), text, { mode: 0o700 });
  }
  const env = { PATH: [bin, process.env['PATH']].join(delimiter), TZ: 'UTC' };
  const { status, stdout, stderr } = spawnSync('bash', ['-euc', command], { cwd, env, encoding: 'utf8' });
  if (status === 0) return stdout;
  throw new Error(`${command} ended with ${status ?? 'a signal'}: ${stderr}`);
}
