/** What a claim becomes on a route: texts, each knowing the readings in it and how to be taken apart again. */
import type { ReadingColumns } from '../model/reading-columns.ts';
import type { LateReading } from '../model/sample.ts';
import { minuteOf, type EpochMs } from '../model/time.ts';
import type { DeadLetterDraft } from '../queue/queue.ts';
import type { ReadingRoute, Route, SampleRoute, Sink } from '../sinks/sink.ts';
import { fold } from './fold.ts';
import { oneByOne } from './one-by-one.ts';
import { unfold } from './unfold.ts';

const NO_FORM = 'the sink has no form for this quantity or value';

export interface Items {
  /** Number of readings they were made of. */
  readonly readings: number;
  /** Null: it cannot be sent, see `unsendable`. */
  readonly texts: readonly (string | null)[];
  /** Why, per item without a text. */
  readonly unsendable: ReadonlyMap<number, string>;
  /** Per item: the first and the last reading with a value in it. `first` never descends. */
  readonly first: Uint32Array;
  readonly last: Uint32Array;
  /** Time of the newest value in an item. */
  at(item: number): EpochMs;
  /** The same for the same item of a later claim. */
  key(item: number): string;
  /** Every value in an item, as dead letters. */
  drafts(item: number, reason: string): DeadLetterDraft[];
}

export function itemsOf(columns: ReadingColumns, route: Route, resolution: Sink['resolution']): Items {
  return route.takes === 'samples' ? sampleItems(columns, route, resolution) : readingItems(columns, route);
}

function sampleItems(columns: ReadingColumns, route: SampleRoute, resolution: Sink['resolution']): Items {
  const folded = resolution === 'minute' ? fold(columns) : oneByOne(columns);
  const { samples, first, last } = folded;
  const of = (item: number) => {
    const sample = samples[item];
    if (sample === undefined) throw new RangeError(`no item ${item} of ${samples.length}`);
    return sample;
  };
  return {
    readings: columns.length,
    // Of a fold none of whose values is a number, nothing is left.
    ...encodeAll(samples, (sample) => (sample.count === 0 ? null : route.encode(sample))),
    first,
    last,
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
  const readings = Array.from({ length: columns.length }, (_, i) => readingAt(columns, i));
  const position = Uint32Array.from(readings, (_, i) => i);
  const of = (item: number): LateReading => {
    const reading = readings[item];
    if (reading === undefined) throw new RangeError(`no item ${item} of ${readings.length}`);
    return reading;
  };
  return {
    readings: columns.length,
    ...encodeAll(readings, (reading) => route.encode(reading)),
    first: position,
    last: position,
    at: (item) => of(item).at,
    key: (item) => `#${of(item).id}`,
    drafts: (item, reason) => {
      const { origin, at, values } = of(item);
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
function encodeAll<T>(things: readonly T[], encode: (thing: T) => string | null): Pick<Items, 'texts' | 'unsendable'> {
  const unsendable = new Map<number, string>();
  const texts = things.map((thing, i) => {
    try {
      const text = encode(thing);
      if (text === null) unsendable.set(i, NO_FORM);
      return text;
    } catch (error) {
      unsendable.set(i, `it cannot be rendered: ${error instanceof Error ? error.message : String(error)}`);
      return null;
    }
  });
  return { texts, unsendable };
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
