import { MINUTE, SECOND, type DurationMs, type MonoMs } from '../../model/time.ts';

const FIRST: DurationMs = 20 * SECOND;
const LONGEST: DurationMs = 5 * MINUTE;

export interface Refusal {
  readonly reason: string;
  readonly hint: string;
}

/**
 * What was refused, by path. Devices count wrong passwords and some lock their owner out, so a path that was refused is left
 * alone for 20 s, doubling to 5 min; until then its refusal stands.
 */
export class Refusals {
  readonly #byPath = new Map<
    string,
    { readonly refusal: Refusal; readonly waitMs: DurationMs; readonly until: MonoMs }
  >();

  add(path: string, refusal: Refusal, now: MonoMs): void {
    const waitMs = Math.min(LONGEST, 2 * (this.#byPath.get(path)?.waitMs ?? FIRST / 2));
    this.#byPath.set(path, { refusal, waitMs, until: now + waitMs });
  }

  /** The refusal of a path that is not to be asked yet; null when it may be. */
  standing(path: string, now: MonoMs): Refusal | null {
    const entry = this.#byPath.get(path);
    return entry !== undefined && now < entry.until ? entry.refusal : null;
  }

  /** The path was answered. */
  clear(path: string): void {
    this.#byPath.delete(path);
  }

  /** The password is another one now. */
  clearAll(): void {
    this.#byPath.clear();
  }
}
