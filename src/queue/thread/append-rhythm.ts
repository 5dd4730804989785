import { SECOND, type DurationMs, type MonoMs } from '../../model/time.ts';

/** For an append that is further away nothing waits. */
const LONGEST_GAP: DurationMs = 6 * SECOND;
/** Meters and timers are not exact. */
const LATENESS = 1.2;

/** When the next append is to be expected, going by the last two. */
export class AppendRhythm {
  #lastMono: MonoMs = -Infinity;
  #gapMs: DurationMs = Infinity;

  appended(mono: MonoMs): void {
    this.#gapMs = mono - this.#lastMono;
    this.#lastMono = mono;
  }

  /** The latest that it should be there; -Infinity when none is expected soon. */
  get expectedMono(): MonoMs {
    return this.#gapMs <= LONGEST_GAP ? this.#lastMono + this.#gapMs * LATENESS : -Infinity;
  }
}
