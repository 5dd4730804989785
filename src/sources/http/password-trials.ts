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
 * - paths that want no password are read on, without it, unless it is to be sent to all;
 * - paths that it was right for are read on, until it is refused for one of those: then it is another one now;
 * - the others take turns, so that a path which the account may not read keeps none from being tried.
 */
export class PasswordTrials {
  readonly #usual: 'at once' | 'when asked';
  readonly #paths: readonly string[];
  readonly #rightFor = new Set<string>();
  /** Paths that want it, the next to be tried first. */
  #waiting: readonly string[] = [];
  #refused: { readonly refusal: Refusal; readonly waitMs: DurationMs; readonly until: MonoMs } | null = null;

  /** `usual`: while nothing was refused. Where that is at once, no path is known to want none. */
  constructor(usual: 'at once' | 'when asked', paths: readonly string[]) {
    this.#usual = usual;
    this.#paths = paths;
  }

  /** The refusal that stands when the path is not to be asked yet. */
  use(path: string, now: MonoMs): PasswordUse | Refusal {
    if (this.#rightFor.has(path)) return 'at once';
    if (this.#refused === null) return this.#usual;
    if (!this.#waiting.includes(path)) return 'not now';
    const isItsTurn = this.#waiting[0] === path && now >= this.#refused.until;
    return isItsTurn ? this.#usual : this.#refused.refusal;
  }

  /** It was sent and refused. */
  refuse(path: string, refusal: Refusal, now: MonoMs): void {
    if (this.#rightFor.has(path)) this.#rightFor.clear();
    this.#hold(refusal, now);
    if (this.#usual === 'at once') this.#waiting = this.#paths.filter((one) => !this.#rightFor.has(one));
    this.#waiting = [...this.#others(path), path];
  }

  /** The path asked for it while it was not to be sent; it is the next to be tried. */
  queue(path: string): void {
    this.#waiting = [path, ...this.#others(path)];
  }

  /** The path answered when it was sent. For one that it was right for already, that is no news of the others. */
  accept(path: string): void {
    if (this.#rightFor.has(path)) return;
    this.#rightFor.add(path);
    this.#refused = null;
    this.#waiting = [];
  }

  /** The path answered without being told it. */
  release(path: string): void {
    this.#waiting = this.#others(path);
  }

  /** Whether it is right could not be learnt from the path; a device that locks an account may say so in many ways. */
  passOn(path: string, wasSent: boolean, now: MonoMs): void {
    if (!this.#waiting.includes(path)) return;
    this.#waiting = [...this.#others(path), path];
    if (wasSent && this.#refused !== null) this.#hold(this.#refused.refusal, now);
  }

  /** The password is another one now. */
  reset(): void {
    this.#rightFor.clear();
    this.#refused = null;
    this.#waiting = [];
  }

  #hold(refusal: Refusal, now: MonoMs): void {
    const waitMs = this.#refused === null ? FIRST : Math.min(LONGEST, GROWTH * this.#refused.waitMs);
    this.#refused = { refusal, waitMs, until: now + waitMs };
  }

  #others(path: string): string[] {
    return this.#waiting.filter((other) => other !== path);
  }
}
