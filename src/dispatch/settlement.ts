import type { EpochMs } from '../model/time.ts';
import type { DeadLetterDraft, Settlement } from '../queue/queue.ts';
import type { Fate } from './bisect.ts';
import type { Items } from './items.ts';

/**
 * What the queue is told of a batch. Only a prefix of readings can be settled: it ends before the first reading with an
 * undecided item, and never inside an item, so that every value of a refused line lies within it.
 */
export function settlementOf(
  claim: number,
  items: Items,
  fates: readonly Fate[],
  reasons: ReadonlyMap<number, string>,
  now: EpochMs,
): Settlement {
  const readings = decidedReadings(items, fates);
  const deadLetters: DeadLetterDraft[] = [];
  const tooOld: DeadLetterDraft[] = [];
  for (const [i, reason] of reasons) {
    if ((items.first[i] ?? 0) >= readings) continue;
    if (fates[i] === 'dead') deadLetters.push(...items.drafts(i, reason));
    if (fates[i] === 'tooOld') tooOld.push(...items.drafts(i, reason));
  }
  return { claim, readings, deadLetters, tooOld, now };
}

function decidedReadings({ readings, first, last }: Items, fates: readonly Fate[]): number {
  let end = readings;
  // `first` never descends, so one pass from the right sees every item that a shorter prefix would cut through.
  for (let i = fates.length - 1; i >= 0; i--) {
    const begins = first[i] ?? 0;
    if (fates[i] === 'open' || (begins < end && (last[i] ?? 0) >= end)) end = Math.min(end, begins);
  }
  return end;
}
