/** How much of what is to be sent goes into one request. */

export interface Limits {
  readonly maxItems: number;
  readonly maxBytes: number;
}

/** Brackets of a JSON array. */
const FRAME_BYTES = 2;

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
