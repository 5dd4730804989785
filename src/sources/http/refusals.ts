import { MINUTE, SECOND, type DurationMs, type MonoMs } from '../../model/time.ts';

const FIRST: DurationMs = 20 * SECOND;
const LONGEST: DurationMs = 5 * MINUTE;

export interface Refusal {
  readonly reason: string;
  readonly hint: string;
}

interface Entry {
  readonly refusal: Refusal;
  readonly waitMs: DurationMs;
  readonly until: MonoMs;
}

/**
 * What was refused without a password, by path: it is left alone for 20 s, doubling to 5 min, because a person has to do
 * something; until then its refusal stands.
 */
export class Refusals {
  readonly #entries = new Map<string, Entry>();

  add(path: string, refusal: Refusal, now: MonoMs): void {
    const waitMs = Math.min(LONGEST, 2 * (this.#entries.get(path)?.waitMs ?? FIRST / 2));
    this.#entries.set(path, { refusal, waitMs, until: now + waitMs });
  }

  /** The refusal of a path that is not to be asked yet; null when it may be. */
  standing(path: string, now: MonoMs): Refusal | null {
    const entry = this.#entries.get(path);
    return entry !== undefined && now < entry.until ? entry.refusal : null;
  }

  clear(path: string): void {
    this.#entries.delete(path);
  }

  clearAll(): void {
    this.#entries.clear();
  }
}
