/**
 * When what one source has brought is committed. Pure: every "now" is an argument, on the monotonic clock.
 *
 * A broker sends only a window of unacknowledged messages and then waits for us, so a group is due at half that window:
 * the other half travels while the commit runs. Otherwise at `linger` after its first message. A broker may wait at a
 * window smaller than the one we know; two groups in a row that began right after our acknowledgements show that it
 * does. Then the group is due as soon as nothing more comes.
 */
import type { DurationMs, MonoMs } from '../model/time.ts';

/** A broker that waited sends on within this time of our acknowledgements; and one that waits again is quiet for so long. */
const QUIET: DurationMs = 25;
const BURST_GROUPS = 2;

export class Pace {
  readonly #lingerMs: DurationMs;
  #pending = 0;
  /** Of those, the ones the peer waits for. */
  #awaited = 0;
  #acknowledging = false;
  #firstMono: MonoMs = Number.POSITIVE_INFINITY;
  #lastMono: MonoMs = Number.NEGATIVE_INFINITY;
  #acknowledgedMono: MonoMs = Number.NEGATIVE_INFINITY;
  #promptGroups = 0;

  constructor(lingerMs: DurationMs) {
    this.#lingerMs = lingerMs;
  }

  /** A message is pending; `awaited` when its peer waits for the acknowledgement (QoS 1 and 2). */
  arrived(now: MonoMs, awaited: boolean): void {
    if (this.#pending === 0) this.#firstMono = now;
    if (awaited && this.#awaited === 0) {
      this.#promptGroups = now - this.#acknowledgedMono <= QUIET ? this.#promptGroups + 1 : 0;
    }
    this.#pending++;
    if (awaited) this.#awaited++;
    this.#lastMono = now;
  }

  /** Everything pending went into a commit. */
  taken(): void {
    this.#acknowledging = this.#awaited > 0;
    this.#pending = 0;
    this.#awaited = 0;
  }

  /** That commit is on disk, and its acknowledgements, if any peer waits for one, leave now. */
  acknowledged(now: MonoMs): void {
    if (this.#acknowledging) this.#acknowledgedMono = now;
  }

  /** The instant at which what is pending should be committed: in the past when it is overdue, Infinity when nothing is. */
  dueMono(window: number | null): MonoMs {
    if (this.#pending === 0) return Number.POSITIVE_INFINITY;
    if (window !== null && this.#awaited >= Math.max(1, Math.floor(window / 2))) return Number.NEGATIVE_INFINITY;
    const lingered = this.#firstMono + this.#lingerMs;
    const burst = this.#awaited > 0 && this.#promptGroups >= BURST_GROUPS;
    return burst ? Math.min(lingered, this.#lastMono + QUIET) : lingered;
  }
}
