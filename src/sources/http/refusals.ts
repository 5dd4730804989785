import { MINUTE, SECOND, type DurationMs, type MonoMs } from '../../model/time.ts';

const FIRST: DurationMs = 20 * SECOND;
const LONGEST: DurationMs = 5 * MINUTE;

/** No path: each begins with a slash. */
const DEVICE = '';

export interface Refusal {
  readonly reason: string;
  readonly hint: string;
  /** What it holds for: a password that is wrong for one path is wrong for all. */
  readonly of: 'path' | 'device';
}

interface Entry {
  readonly refusal: Refusal;
  readonly waitMs: DurationMs;
  readonly until: MonoMs;
}

/**
 * What was refused, by path, or for all paths. Devices count wrong passwords and some lock their owner out, so what was refused
 * is left alone for 20 s, doubling to 5 min; until then its refusal stands.
 */
export class Refusals {
  readonly #entries = new Map<string, Entry>();

  add(path: string, refusal: Refusal, now: MonoMs): void {
    const key = refusal.of === 'device' ? DEVICE : path;
    const waitMs = Math.min(LONGEST, 2 * (this.#entries.get(key)?.waitMs ?? FIRST / 2));
    this.#entries.set(key, { refusal, waitMs, until: now + waitMs });
  }

  /** The refusal of a path that is not to be asked yet; null when it may be. */
  standing(path: string, now: MonoMs): Refusal | null {
    const entries = [DEVICE, path].map((key) => this.#entries.get(key));
    return entries.find((entry) => entry !== undefined && now < entry.until)?.refusal ?? null;
  }

  /** The path was answered, and with it what was asked of the device. */
  clear(path: string): void {
    this.#entries.delete(path);
    this.#entries.delete(DEVICE);
  }

  /** The password is another one now. */
  clearAll(): void {
    this.#entries.clear();
  }
}
