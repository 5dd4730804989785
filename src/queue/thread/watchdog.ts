import { writeSync } from 'node:fs';
import type { DurationMs, MonoMs } from '../../model/time.ts';

/** Longer between two looks: the whole process was paused, and the main loop with it. */
const PAUSED_MS: DurationMs = 10_000;

/** Sees a main loop that stands still: nobody else in the process can. */
export class Watchdog {
  readonly #counter: Int32Array;
  readonly #limitMs: DurationMs;
  #seen = -1;
  #seenAt: MonoMs = 0;
  #lookedAt: MonoMs = 0;

  constructor(beat: SharedArrayBuffer, limitMs: DurationMs) {
    this.#counter = new Int32Array(beat);
    this.#limitMs = limitMs;
  }

  /** Whether the counter has stood still for longer than the limit. To be asked about once a second. */
  isStuck(now: MonoMs): boolean {
    const beat = Atomics.load(this.#counter, 0);
    const paused = now - this.#lookedAt > PAUSED_MS;
    this.#lookedAt = now;
    if (beat !== this.#seen || paused) {
      this.#seen = beat;
      this.#seenAt = now;
    }
    return now - this.#seenAt >= this.#limitMs;
  }
}

/** Ends the process so that the supervisor starts it again. Nothing gentler ends one of whose threads stands still. */
export function killProcess(what: string, limitMs: DurationMs): void {
  writeSync(2, `${what} for ${Math.round(limitMs / 1000)} s; ending the process to be started again\n`);
  process.kill(process.pid, 'SIGKILL');
}
