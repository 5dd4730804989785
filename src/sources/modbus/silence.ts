/**
 * When a line may be used next: after the gap behind an answer, or, behind a request without a good one, when nothing has
 * come for a while. Each byte that nobody waits for begins that while anew.
 */
import type { DurationMs, MonoMs } from '../../model/time.ts';
import type { Clock } from '../../platform/clock.ts';

/** Behind a request that nobody answered. */
export const QUIET: DurationMs = 1_500;
/** However late an answer was seen, the line is not left alone for longer. */
const LONGEST_QUIET: DurationMs = 10_000;
/** A line on which bytes come for so long is never quiet. */
const NOISY_AFTER: DurationMs = 15_000;
/** Bytes that follow each other so closely are of one answer. */
const ONE_BURST: DurationMs = 200;

export class Silence {
  readonly #clock: Clock;
  #notBefore: MonoMs = Number.NEGATIVE_INFINITY;
  #quietMs = QUIET;
  #lastStray: MonoMs = Number.NEGATIVE_INFINITY;
  #bursts = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** How often bytes came that nobody waited for: a late answer, noise, a second master. */
  get bursts(): number {
    return this.#bursts;
  }

  afterAnswer(gapMs: DurationMs): void {
    this.#notBefore = this.#clock.monoMs() + gapMs;
  }

  afterNone(): void {
    this.#notBefore = this.#clock.monoMs() + this.#quietMs;
  }

  /** Bytes came that nobody waits for; `askedAt`: when the request was made whose answer they may be. */
  stray(askedAt: MonoMs | null): void {
    const now = this.#clock.monoMs();
    if (now - this.#lastStray > ONE_BURST) this.#bursts++;
    this.#lastStray = now;
    if (askedAt !== null) {
      this.#quietMs = Math.min(LONGEST_QUIET, Math.max(this.#quietMs, 1.5 * (now - askedAt)));
    }
    this.#notBefore = Math.max(this.#notBefore, now + this.#quietMs);
  }

  /** Resolves when the line may be used; false when it does not become quiet. */
  async whenQuiet(signal: AbortSignal): Promise<boolean> {
    const since = this.#clock.monoMs();
    for (;;) {
      const now = this.#clock.monoMs();
      if (now >= this.#notBefore || signal.aborted) return true;
      if (now - since >= NOISY_AFTER) return false;
      await this.#clock.sleep(Math.min(this.#notBefore, since + NOISY_AFTER) - now, signal);
    }
  }
}
