import type { Minute } from '../../model/time.ts';
import type { ClaimRequest } from '../queue.ts';

/** What bounds the memory of one claim, whatever was asked for. */
export interface ClaimBounds {
  readonly values: number;
  readonly lines: number;
}

export const CLAIM_BOUNDS: ClaimBounds = { values: 262_144, lines: 32_768 };

/** Counts what a claim would become when it is sent, and says when it is enough. */
export class ItemLimit {
  readonly #count: ClaimRequest['count'];
  readonly #maxItems: number;
  readonly #bounds: ClaimBounds;
  readonly #groups = new Set<number | string>();
  #minute: Minute | null = null;
  #isFirst = true;
  #items = 0;
  #values = 0;

  constructor({ count, maxItems }: Pick<ClaimRequest, 'count' | 'maxItems'>, bounds = CLAIM_BOUNDS) {
    this.#count = count;
    this.#maxItems = maxItems;
    this.#bounds = bounds;
  }

  /**
   * Takes a reading of `values` values in, or says no. `group` names what is folded together within a minute. The first
   * reading is always taken, or it could never be sent; and the first minute is folded whole within the bounds of memory,
   * because a series cut in two becomes two lines.
   */
  admit(minute: Minute, group: number | string, values: number): boolean {
    if (minute !== this.#minute) {
      this.#isFirst = this.#minute === null;
      this.#minute = minute;
      this.#groups.clear();
    }
    const items = this.#itemsOf(group, values);
    const most =
      this.#isFirst && this.#count === 'folded' ? Math.max(this.#maxItems, this.#bounds.lines) : this.#maxItems;
    const full = this.#items + items > most;
    const over = full || this.#values + values > this.#bounds.values;
    if (over && this.#values > 0) return false;
    this.#groups.add(group);
    this.#items += items;
    this.#values += values;
    return true;
  }

  /** Whether it is hardly worth looking for more. */
  get isHalfFull(): boolean {
    return this.#values * 2 >= this.#bounds.values || this.#items * 2 >= this.#bounds.lines;
  }

  #itemsOf(group: number | string, values: number): number {
    if (this.#count === 'readings') return 1;
    if (this.#count === 'values') return values;
    return this.#groups.has(group) ? 0 : values;
  }
}
