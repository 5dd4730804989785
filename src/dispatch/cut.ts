/** How much of what is to be sent goes into one batch, and how much of that into one request. */
import type { Route } from '../sinks/sink.ts';

export interface Limits {
  readonly maxItems: number;
  readonly maxBytes: number;
}

/** Brackets of a JSON array. */
const FRAME_BYTES = 2;

/**
 * A minute with more series than one request takes must be claimed whole, or it could not be folded. Twice as many drain no
 * faster and cost 16 MiB more.
 */
const REQUESTS_PER_BATCH = 4;

/** At most so many items are claimed at once: enough for one request where it is not known whether they will be taken. */
export function batchItems({ takes, maxItems }: Pick<Route, 'takes' | 'maxItems'>, probe: boolean): number {
  return probe || takes === 'readings' ? maxItems : maxItems * REQUESTS_PER_BATCH;
}

/** What is left of one request's limits. */
export class Room {
  readonly #limits: Limits;
  #items = 0;
  #bytes = FRAME_BYTES;

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  /** Takes a text in, or says no. The first one always fits, since nothing smaller can be sent. */
  admit(text: string): boolean {
    const { maxItems, maxBytes } = this.#limits;
    const bytes = this.#bytes + Buffer.byteLength(text) + 1;
    if (this.#items > 0 && (this.#items === maxItems || bytes > maxBytes)) return false;
    this.#items++;
    this.#bytes = bytes;
    return true;
  }
}

/** Two halves, the first not the larger one; of a single item the second half is it and the first is empty. */
export function halve(segment: Uint32Array): [Uint32Array, Uint32Array] {
  const middle = segment.length >> 1;
  return [segment.subarray(0, middle), segment.subarray(middle)];
}
