/** What a claim becomes on a route: items, each knowing its text, the readings in it and how to be taken apart again. */
import type { ReadingColumns } from '../model/reading-columns.ts';
import type { LateReading } from '../model/sample.ts';
import { minuteOf, type EpochMs } from '../model/time.ts';
import type { DeadLetterDraft } from '../queue/queue.ts';
import type { ReadingRoute, Route, SampleRoute, Sink } from '../sinks/sink.ts';
import { fold, type FoldSpace } from './fold.ts';
import { oneByOne } from './one-by-one.ts';
import { unfold } from './unfold.ts';

const NO_FORM = 'the sink has no form for this quantity or value';

/** Why an item has no text. */
export class Unsendable {
  readonly reason: string;

  constructor(reason: string) {
    this.reason = reason;
  }
}

export interface Items {
  /** Number of readings they were made of. */
  readonly readings: number;
  readonly length: number;
  /** Per item: the first and the last reading with a value in it. `first` never descends. */
  readonly first: Uint32Array;
  readonly last: Uint32Array;
  /** Rendered at every call: no more texts are in memory than one request has. */
  text(item: number): string | Unsendable;
  /** Time of the newest value in an item. */
  at(item: number): EpochMs;
  /** The same for the same item of a later claim. */
  key(item: number): string;
  /** Every value in an item, as dead letters. */
  drafts(item: number, reason: string): DeadLetterDraft[];
}

/** They are good until the next ones are made in the same `space`. */
export function itemsOf(
  columns: ReadingColumns,
  route: Route,
  resolution: Sink['resolution'],
  space?: FoldSpace,
): Items {
  return route.takes === 'samples' ? sampleItems(columns, route, resolution, space) : readingItems(columns, route);
}

function sampleItems(
  columns: ReadingColumns,
  route: SampleRoute,
  resolution: Sink['resolution'],
  space?: FoldSpace,
): Items {
  const folded = resolution === 'minute' ? fold(columns, space) : oneByOne(columns);
  const { length, first, last } = folded;
  const of = (item: number) => {
    if (item >= length) throw new RangeError(`no item ${item} of ${length}`);
    return folded.sample(item);
  };
  return {
    readings: columns.length,
    length,
    first,
    last,
    text: (item) => {
      const sample = of(item);
      // Of a fold none of whose values is a number, nothing is left.
      return sample.count === 0 ? new Unsendable(NO_FORM) : textOf(route, sample);
    },
    at: (item) => of(item).at,
    key: (item) => {
      const { device, quantity, at } = of(item);
      const time = resolution === 'minute' ? minuteOf(at) : `${at}#${columns.id[first[item] ?? 0] ?? 0}`;
      return `${device}\u0000${quantity}\u0000${time}`;
    },
    drafts: (item, reason) => {
      const { device, quantity } = of(item);
      return [{ device, quantity, samples: unfold(columns, folded, item), reason }];
    },
  };
}

function readingItems(columns: ReadingColumns, route: ReadingRoute): Items {
  const { length } = columns;
  const position = Uint32Array.from({ length }, (_, i) => i);
  return {
    readings: length,
    length,
    first: position,
    last: position,
    text: (item) => textOf(route, readingAt(columns, item)),
    at: (item) => columns.at[item] ?? 0,
    key: (item) => `#${columns.id[item]}`,
    drafts: (item, reason) => {
      const { origin, at, values } = readingAt(columns, item);
      return [...values].map(([quantity, value]) => ({
        device: origin.device,
        quantity,
        samples: [[at, value]] as const,
        reason,
      }));
    },
  };
}

/** What throws in its encoder would do so at every attempt, and nothing behind it would ever be sent. */
function textOf<T>(route: { encode(thing: T): string | null }, thing: T): string | Unsendable {
  try {
    return route.encode(thing) ?? new Unsendable(NO_FORM);
  } catch (error) {
    return new Unsendable(`it cannot be rendered: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function readingAt(columns: ReadingColumns, i: number): LateReading {
  const origin = columns.origins[columns.origin[i] ?? 0];
  if (origin === undefined) throw new RangeError(`reading ${i} has no origin`);
  const values = new Map<string, number>();
  const first = columns.first[i] ?? 0;
  for (const [k, quantity] of (columns.shapes[columns.shape[i] ?? 0] ?? []).entries())
    values.set(quantity, columns.values[first + k] ?? 0);
  return { id: columns.id[i] ?? 0, origin, at: columns.at[i] ?? 0, values };
}
