import type { DurationMs } from '../model/time.ts';
import type { Clock } from '../platform/clock.ts';

/** No timer waits longer, so that nothing depends on being woken. */
const LONGEST: DurationMs = 60_000;

/** Wakes those who wait for something to happen. Who waits looks first: a ring that nobody hears is gone. */
export class Bell {
  readonly #clock: Clock;
  readonly #waiting = new Set<AbortController>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  ring(): void {
    // With a reason of its own: each would otherwise be an error with a stack, made for nobody, many times a second.
    for (const waiting of this.#waiting) waiting.abort(null);
  }

  /** Resolves at the next ring, after `ms` or a minute, or when the signal is aborted. */
  async wait(ms: DurationMs, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    const woken = new AbortController();
    const wake = (): void => woken.abort();
    this.#waiting.add(woken);
    signal.addEventListener('abort', wake, { once: true });
    try {
      await this.#clock.sleep(Math.min(Math.max(ms, 0), LONGEST), woken.signal);
    } finally {
      signal.removeEventListener('abort', wake);
      this.#waiting.delete(woken);
    }
  }
}
