/** How much of what is to be sent goes into one batch, and how much of that into one request. */
import type { ItemTexts } from '../model/item-texts.ts';
import type { ClaimRequest } from '../queue/queue.ts';

export interface Limits {
  readonly maxItems: number;
  readonly maxBytes: number;
}

/** Brackets of a JSON array. */
const FRAME_BYTES = 2;

/**
 * Requests per batch. A minute with more series than one request takes must be claimed whole, or it could not be folded. More would
 * be sent again after a crash, and keep a newer minute waiting for longer.
 */
const REQUESTS = { folded: 4, values: 4, readings: 1 } as const;

/** At most so many items are claimed at once: enough for one request where it is not known whether they will be taken. */
export function batchItems(maxItems: number, count: ClaimRequest['count'], probe: boolean): number {
  return probe ? maxItems : maxItems * REQUESTS[count];
}

/** Whether so many texts may go in one request: a single one always, since nothing smaller can be sent. */
export function fit({ length, byteLength }: Pick<ItemTexts, 'length' | 'byteLength'>, limits: Limits): boolean {
  return length <= 1 || (length <= limits.maxItems && FRAME_BYTES + byteLength <= limits.maxBytes);
}

/** Two halves, the first not the larger one; of a single item the second half is it and the first is empty. */
export function halve(segment: Uint32Array): [Uint32Array, Uint32Array] {
  const middle = segment.length >> 1;
  return [segment.subarray(0, middle), segment.subarray(middle)];
}
