import type { EpochMs } from '../../../src/model/time.ts';
import type { Mark, Settled } from './marks.ts';
import { EXPIRES_AFTER, RETENTION, timeOf } from './scene.ts';

/** The grid of minutes: ageing and removal go by whole ones. */
const MINUTE = 60_000;

/** What the recorded process had been promised by a point of its recording. */
export class Expectation {
  /** Readings below were acknowledged. */
  acknowledged = 0;
  /** Readings below may be stored. */
  attempted = 0;
  /** The file was declared damaged and may be moved aside: what was settled before may be pending again. */
  damaged = false;
  replay = 0;
  #now: EpochMs = 0;
  readonly #settled = new Map<number, 'perhaps' | 'surely'>();
  /** Readings with a value in a dead letter, or in a letter that is pending. */
  readonly #letters = new Map<number, 'dead' | 'pending'>();
  /** Their letters were retried, purged or settled, perhaps before it was known that a commit had made them. */
  readonly #decided = new Set<number>();

  apply(mark: Mark): void {
    switch (mark.kind) {
      case 'appending':
        this.attempted = mark.before;
        break;
      case 'acknowledged':
        this.acknowledged = mark.before;
        break;
      case 'settling':
        for (const n of mark.result.readings) this.#settled.set(n, 'perhaps');
        for (const n of [...mark.result.dead, ...mark.result.tooOld]) this.#decided.delete(n);
        break;
      case 'settled':
        this.#settle(mark.result);
        break;
      case 'letters':
        for (const n of mark.readings) {
          this.#letters.delete(n);
          this.#decided.add(n);
        }
        break;
      case 'advancing':
        this.#now = mark.now;
        break;
      case 'replay':
        this.replay = mark.id;
        break;
      case 'damaged':
        this.damaged = true;
        this.replay = 0;
        for (const n of this.#settled.keys()) this.#settled.set(n, 'perhaps');
        this.#letters.clear();
    }
  }

  /** The oldest reading that must be stored. */
  get firstKept(): number {
    return this.#firstYoungerThan(RETENTION);
  }

  /** Must be owed: neither settled nor old enough to have expired. */
  mustBeOwed(n: number): boolean {
    return !this.#settled.has(n) && n >= this.#firstYoungerThan(EXPIRES_AFTER);
  }

  /** Was settled, and must never be owed again. */
  mustNotBeOwed(n: number): boolean {
    return this.#settled.get(n) === 'surely';
  }

  /** Readings one value of which must be in a letter of this kind. */
  lettersOf(kind: 'dead' | 'pending'): number[] {
    const oldest = kind === 'dead' ? 0 : this.#firstYoungerThan(EXPIRES_AFTER);
    return [...this.#letters].flatMap(([n, of]) => (of === kind && n >= oldest ? [n] : []));
  }

  #settle({ readings, dead, tooOld }: Settled): void {
    for (const n of readings) this.#settled.set(n, 'surely');
    for (const n of dead) if (!this.#decided.has(n)) this.#letters.set(n, 'dead');
    for (const n of tooOld) if (!this.#decided.has(n)) this.#letters.set(n, 'pending');
  }

  #firstYoungerThan(age: number): number {
    return Math.max(0, Math.ceil((this.#now - age + MINUTE - timeOf(0)) / (timeOf(1) - timeOf(0))));
  }
}
