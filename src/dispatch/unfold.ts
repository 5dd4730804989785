import type { ReadingColumns } from '../model/reading-columns.ts';
import type { EpochMs } from '../model/time.ts';
import type { Folded } from './fold.ts';

/** The values that were folded into a sample, with the times they were measured. */
export function unfold(columns: ReadingColumns, folded: Folded, sample: number): (readonly [EpochMs, number])[] {
  const values: (readonly [EpochMs, number])[] = [];
  const last = folded.last[sample] ?? 0;
  for (let reading = folded.first[sample] ?? 0; reading <= last; reading++) {
    const end = columns.first[reading + 1] ?? 0;
    for (let i = columns.first[reading] ?? 0; i < end; i++) {
      if (folded.sampleOf[i] === sample) values.push([columns.at[reading] ?? 0, columns.values[i] ?? 0]);
    }
  }
  return values;
}
