import { expect } from 'vitest';
import type { ClaimRequest } from '../../src/queue/queue.ts';
import type { ClaimBounds } from '../../src/queue/work/item-limit.ts';
import { fits, type Batch, type Item } from './batch.model.ts';
import type { QueueModel } from './queue.model.ts';
import type { ModelSink } from './sink.model.ts';

/** Whether a minute cannot be claimed whole. */
export function isTooLarge(minute: readonly Item[], { count, maxItems }: ClaimRequest, bounds: ClaimBounds): boolean {
  const most = Math.max(maxItems, bounds.lines);
  return count === 'folded' && minute.length > 1 && !fits(minute, count, most, bounds);
}

/**
 * Of a minute too large to be claimed whole, devices one after the other, each with all of what was stored of it when the first of
 * the minute went. How many fill a batch is the queue's matter: the model is told, and holds it to the order and to whole devices.
 */
export function takeDevices(
  model: QueueModel,
  sink: ModelSink,
  minute: readonly Item[],
  request: ClaimRequest,
  claimed: number,
): Batch {
  const [first] = minute;
  const underWay = minute.filter(
    (item) => item.kind === 'reading' && sink.partOf(first?.minute ?? 0).has(item.reading),
  );
  const meant = (underWay.length > 0 ? underWay : minute).toSorted((a, b) => originOf(model, a) - originOf(model, b));
  const taken = meant.slice(0, claimed);
  const [before, after] = [taken.at(-1), meant[claimed]];
  const isOneDevice = originOf(model, taken[0]) === originOf(model, before);
  if (after !== undefined && !isOneDevice)
    expect(originOf(model, before), 'whole devices').not.toBe(originOf(model, after));
  const most = Math.max(request.maxItems, model.bounds.lines);
  if (taken.length !== 1) expect(fits(taken, 'folded', most, model.bounds), 'no more than a batch takes').toBe(true);
  const part = new Set(meant.flatMap((item) => (item.kind === 'reading' ? [item.reading] : [])));
  return { taken, more: true, cut: true, part };
}

function originOf(model: QueueModel, item: Item | undefined): number {
  return item?.kind === 'reading' ? model.originOf(item.reading) : Number.NaN;
}
