import { minuteOf, type EpochMs, type Minute } from '../../src/model/time.ts';
import type { ClaimRequest } from '../../src/queue/queue.ts';
import type { ClaimBounds } from '../../src/queue/work/item-limit.ts';
import { sizeOf, type ModelReading } from './reading.model.ts';
import type { ModelLetter } from './sink.model.ts';

/** A reading, or a value of a letter, as a batch takes it. */
export type Item = {
  readonly minute: Minute;
  readonly values: number;
  /** What is folded together within a minute. */
  readonly series: string;
} & (
  | { readonly kind: 'reading'; readonly reading: ModelReading }
  | { readonly kind: 'sample'; readonly letter: ModelLetter; readonly sample: readonly [at: EpochMs, value: number] }
);

export interface Batch {
  readonly taken: readonly Item[];
  readonly more: boolean;
  /** Its last minute is not all there. */
  readonly cut: boolean;
  /** Readings of a minute that goes out device by device, these among them. */
  readonly part?: ReadonlySet<ModelReading>;
}

/** As much as the limit allows, from the first on, at least one; folded, whole minutes, and the first as far as memory allows. */
export function takeBatch(
  minutes: readonly (readonly Item[])[],
  { count, maxItems }: Pick<ClaimRequest, 'count' | 'maxItems'>,
  bounds: ClaimBounds,
): Batch {
  let taken: readonly Item[] = [];
  for (const minute of minutes) {
    const isFirst = (taken[0] ?? minute[0])?.minute === minute[0]?.minute;
    const most = count === 'folded' && isFirst ? Math.max(maxItems, bounds.lines) : maxItems;
    const least = taken.length === 0 ? 1 : 0;
    let fitting = minute.length;
    while (fitting > least && !fits([...taken, ...minute.slice(0, fitting)], count, most, bounds)) fitting--;
    if (fitting === minute.length) {
      taken = [...taken, ...minute];
      continue;
    }
    if (taken.length === 0) taken = minute.slice(0, fitting);
    else if (count !== 'folded') taken = [...taken, ...minute.slice(0, fitting)];
    return { taken, more: true, cut: taken.at(-1)?.minute === minute[0]?.minute };
  }
  return { taken, more: false, cut: false };
}

export function fits(items: readonly Item[], count: ClaimRequest['count'], most: number, bounds: ClaimBounds): boolean {
  return cost(items, count) <= most && items.reduce((sum, { values }) => sum + values, 0) <= bounds.values;
}

/** How many lines or events a batch becomes. */
function cost(items: readonly Item[], count: ClaimRequest['count']): number {
  if (count === 'readings') return items.length;
  const lines = new Map(
    items.map((item, index) => [count === 'folded' ? `${item.minute} ${item.series}` : index, item]),
  );
  return [...lines.values()].reduce((sum, { values }) => sum + values, 0);
}

/** The readings of each minute, oldest or newest minute first. */
export function byMinute(readings: readonly ModelReading[], newestFirst: boolean): Item[][] {
  const items = readings.map((reading): Item => ({
    kind: 'reading',
    reading,
    minute: minuteOf(reading.at),
    values: sizeOf(reading),
    series: JSON.stringify([reading.source, reading.device, reading.serial, Object.keys(reading.values ?? {})]),
  }));
  const minutes = [...Map.groupBy(items, ({ minute }) => minute)].sort(([a], [b]) => (newestFirst ? b - a : a - b));
  return minutes.map(([, group]) => group);
}
