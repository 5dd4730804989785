/**
 * Whether the machine's clock is synchronised, asked of whoever may know. Cheapest first: timesyncd's flag file
 * (systemd-time-wait-sync(8)), chrony's leap status, the kernel's STA_UNSYNC (adjtimex(2)).
 *
 * A yes is proof; a no is none: in a container or with another time client nobody may say so. Polled once a minute until
 * somebody says yes and the listener believes it, then never again.
 */
import { existsSync } from 'node:fs';
import { MINUTE } from '../model/time.ts';
import type { Clock } from './clock.ts';
import type { Log } from './log.ts';
import { runProgram, type ProgramResult, type RunProgram } from './run-program.ts';

export interface TimeSyncProbe {
  readonly by: string;
  synchronised(): Promise<boolean>;
}

/** STA_UNSYNC of adjtimex(2). */
const UNSYNCHRONISED = 0x40;
/** TIME_ERROR, adjtimex(2)'s answer while the clock is not synchronised. */
const TIME_ERROR = 5;

export function systemProbes(
  flagFile = '/run/systemd/timesync/synchronized',
  run: RunProgram = runProgram,
): readonly TimeSyncProbe[] {
  return [
    { by: 'timesyncd', synchronised: () => Promise.resolve(existsSync(flagFile)) },
    { by: 'chrony', synchronised: async () => chronySaysYes(await run('chronyc', ['-n', 'tracking'])) },
    {
      by: 'adjtimex',
      synchronised: async () => kernelSaysYes((await run('adjtimex', ['-p'])) ?? (await run('busybox', ['adjtimex']))),
    },
  ];
}

export function chronySaysYes(result: ProgramResult | null): boolean {
  if (result === null || result.code !== 0) return false;
  // 7F7F0101 is chrony's `local` reference: it serves its own clock and knows no better one.
  if (/^Reference ID\s*:\s*(?:7F7F0101|00000000)\b/m.test(result.stdout)) return false;
  return /^Leap status\s*:\s*(?:Normal|Insert second|Delete second)\s*$/m.test(result.stdout);
}

/** Reads what Debian's and busybox's adjtimex print. Both exit with adjtimex(2)'s own answer or 0, so the text decides. */
export function kernelSaysYes(result: ProgramResult | null): boolean {
  if (result === null) return false;
  const status = /^\s*status:\s+(\d+)/m.exec(result.stdout)?.[1];
  const answer = /^\s*return value\s*[:=]\s*(\d+)/m.exec(result.stdout)?.[1];
  if (status === undefined || answer === undefined) return false;
  return (Number(status) & UNSYNCHRONISED) === 0 && Number(answer) < TIME_ERROR;
}

export interface TimeSyncOptions {
  readonly probes: readonly TimeSyncProbe[];
  readonly clock: Clock;
  readonly log: Log;
  /** Answers whether it believes it. */
  readonly onSynchronised: (by: string) => boolean;
}

export class TimeSync {
  readonly #options: TimeSyncOptions;
  readonly #stopping = new AbortController();
  #polling: Promise<void> = Promise.resolve();

  constructor(options: TimeSyncOptions) {
    this.#options = options;
  }

  start(): void {
    this.#polling = this.#poll();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#polling;
  }

  async #poll(): Promise<void> {
    const { clock, log, onSynchronised, probes } = this.#options;
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      for (const probe of probes) {
        if (signal.aborted || !(await probe.synchronised())) continue;
        log.debug({ by: probe.by }, 'the clock is said to be synchronised');
        if (onSynchronised(probe.by)) return;
      }
      await clock.sleep(MINUTE, signal);
    }
  }
}
