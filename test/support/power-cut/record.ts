import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Ending } from './workload.ts';

/** One run of the recorded process. */
export interface Life {
  readonly boot: string;
  /** Groups of readings it appends: 200 give SQLite reason to checkpoint by itself. */
  readonly groups: number;
  readonly ending: Ending;
}

export interface Recorded {
  /** The file with the records. */
  readonly trace: string;
  /** The directory as the recorded process left it. */
  readonly root: string;
}

export interface RecordOptions extends Recorded {
  readonly recorder: string;
  readonly seed: number;
  readonly lives: readonly Life[];
  /** Pragmas that are given other values behind the product's back. */
  readonly pragmas: Readonly<Record<string, string>>;
}

/** Builds the recorder in `dir`; the path of the library. */
export function buildRecorder(dir: string): string {
  const library = join(dir, 'recorder.so');
  const source = join(import.meta.dirname, 'recorder.c');
  const flags = ['-O2', '-Wall', '-Wextra', '-Werror', '-shared', '-fPIC'];
  execFileSync('gcc', [...flags, '-o', library, source, '-ldl', '-lpthread'], { stdio: 'pipe' });
  return library;
}

/** Runs the workload under the recorder, once for each of its lives. */
export function record(options: RecordOptions): Recorded {
  const { root, trace, lives, seed } = options;
  mkdirSync(root, { recursive: true });
  let next = '0';
  for (const [i, life] of lives.entries()) next = live(life, options, seed + i, next);
  return { root, trace };
}

/** The number of the next life's first reading. */
function live({ boot, groups, ending }: Life, options: RecordOptions, seed: number, first: string): string {
  const { recorder, root, trace, pragmas } = options;
  const here = import.meta.dirname;
  const marks = `${trace}-marks`;
  const other = Object.keys(pragmas).length === 0 ? [] : ['--import', join(here, 'other-pragmas.ts')];
  const args = [join(root, 'data'), marks, String(seed), first, String(groups), boot, ending];
  const { status, signal, stdout, stderr } = spawnSync(
    process.execPath,
    [...process.execArgv, ...other, join(here, 'workload.ts'), ...args],
    {
      env: {
        ...process.env,
        LD_PRELOAD: recorder,
        POWER_CUT_ROOT: root,
        POWER_CUT_MARKS: marks,
        POWER_CUT_TRACE: trace,
        POWER_CUT_PRAGMAS: JSON.stringify(pragmas),
      },
      encoding: 'utf8',
    },
  );
  const asMeant = ending === 'stop' ? status === 0 : signal === 'SIGKILL';
  if (!asMeant || stdout === '') throw new Error(`the recorded process failed: ${stderr}`);
  return stdout.trim();
}
