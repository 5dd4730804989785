import { execFile } from 'node:child_process';
import type { DurationMs } from '../model/time.ts';

export interface ProgramResult {
  readonly code: number;
  readonly stdout: string;
}

/** Runs a program to its end. Null when it is not installed, or did not end in time; never rejects. */
export type RunProgram = (
  program: string,
  args: readonly string[],
  env?: Readonly<Record<string, string>>,
) => Promise<ProgramResult | null>;

const TIMEOUT_MS: DurationMs = 10_000;

/** A child gets the search path and what is named, and none of the secrets that may be in our environment. */
export const runProgram: RunProgram = (program, args, env = {}) =>
  new Promise((resolve) => {
    const options = {
      timeout: TIMEOUT_MS,
      killSignal: 'SIGKILL',
      maxBuffer: 65_536,
      env: { PATH: searchPath(), LC_ALL: 'C', ...env },
    } as const;
    execFile(program, args, options, (error, stdout) => {
      if (error === null) resolve({ code: 0, stdout });
      else resolve(typeof error.code === 'number' ? { code: error.code, stdout } : null);
    });
  });

/** adjtimex and chronyc may be where only root's search path leads. */
function searchPath(): string {
  return `${process.env['PATH'] ?? '/usr/bin:/bin'}:/usr/sbin:/sbin`;
}
