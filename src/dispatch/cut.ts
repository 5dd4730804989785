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

/** How many of the texts, from the first, fit into one request: at least one, since nothing smaller can be sent. */
export function fitting(texts: readonly string[], { maxItems, maxBytes }: Limits): number {
  let bytes = FRAME_BYTES;
  let count = 0;
  for (const text of texts) {
    bytes += Buffer.byteLength(text) + 1;
    if (count === maxItems || bytes > maxBytes) break;
    count++;
  }
  return Math.max(1, count);
}

/** Two halves, the first not the larger one; of a single item the second half is it and the first is empty. */
export function halve<T>(segment: readonly T[]): [T[], T[]] {
  const middle = segment.length >> 1;
  return [segment.slice(0, middle), segment.slice(middle)];
}
