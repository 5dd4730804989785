import { HOUR, MINUTE, type DurationMs, type MonoMs } from '../../model/time.ts';
import type { Refusal } from './refusals.ts';

const FIRST: DurationMs = MINUTE;
const GROWTH = 4;
const LONGEST: DurationMs = HOUR;

/** How a request may use the password. */
export type PasswordUse = 'at once' | 'when asked' | 'not now';

/**
 * For which paths of a device its password is sent, and when. Devices count wrong ones, and some lock the account after five:
 * one that was refused is sent again after 1, 4 and 16 min and then once an hour, whatever the number of paths.
 *
 * Until it is right for one of them
 * - paths that want no password are read on, without it;
 * - paths that it was right for are read on, until it is refused for one of those: then it is another one now;
 * - the others take turns, so that a path which the account may not read keeps none from being tried.
 */
export class PasswordTrials {
  readonly #usual: PasswordUse;
  readonly #rightFor = new Set<string>();
  /** Paths that want it, the next to be tried first. */
  #waiting: readonly string[] = [];
  #refused: { readonly refusal: Refusal; readonly waitMs: DurationMs; readonly until: MonoMs } | null = null;

  /** `usual`: while nothing was refused. */
  constructor(usual: PasswordUse) {
    this.#usual = usual;
  }

  /** The refusal that stands when the path is not to be asked yet. */
  use(path: string, now: MonoMs): PasswordUse | Refusal {
    if (this.#rightFor.has(path)) return 'at once';
    if (this.#refused === null) return this.#usual;
    if (!this.#waiting.includes(path)) return 'not now';
    const isItsTurn = this.#waiting[0] === path && now >= this.#refused.until;
    // Not at once: under a digest's old nonce it might count as a wrong one more.
    return isItsTurn ? 'when asked' : this.#refused.refusal;
  }

  /** It was sent and refused. */
  refuse(path: string, refusal: Refusal, now: MonoMs): void {
    if (this.#rightFor.has(path)) this.#rightFor.clear();
    const waitMs = this.#refused === null ? FIRST : Math.min(LONGEST, GROWTH * this.#refused.waitMs);
    this.#refused = { refusal, waitMs, until: now + waitMs };
    this.#waiting = [...this.#others(path), path];
  }

  /** The path asked for it while it was not to be sent; it is the next to be tried. */
  queue(path: string): void {
    this.#waiting = [path, ...this.#others(path)];
  }

  /** The path asked for it, and then answered. */
  accept(path: string): void {
    this.#rightFor.add(path);
    this.#refused = null;
    this.#waiting = [];
  }

  /** The path answered without being told it. */
  release(path: string): void {
    this.#waiting = this.#others(path);
  }

  /** Whether it is right could not be learnt from the path. */
  passOn(path: string): void {
    if (this.#waiting.includes(path)) this.#waiting = [...this.#others(path), path];
  }

  /** The password is another one now. */
  reset(): void {
    this.#rightFor.clear();
    this.#refused = null;
    this.#waiting = [];
  }

  #others(path: string): string[] {
    return this.#waiting.filter((other) => other !== path);
  }
}
