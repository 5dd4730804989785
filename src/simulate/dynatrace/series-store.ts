import { type EpochMs, type Minute, minuteOf, startOf } from '../../model/time.ts';
import type { Point } from './grammar/line-parser.ts';
import type { Metadata } from './grammar/metadata.ts';

/** One stored minute of a series. `count` payloads add up in `sum`. */
export interface Slot {
  /** The first instant of the minute. */
  readonly at: EpochMs;
  readonly min: number;
  readonly max: number;
  readonly sum: number;
  readonly count: number;
  /** How many lines were merged into it: more than were meant is a duplicate. */
  readonly lines: number;
  /** Each line as it came, where arrivals are kept. */
  readonly arrivals: readonly Arrival[];
}

export interface Arrival {
  readonly at: EpochMs;
  /** The value part as written. */
  readonly value: string;
}

export interface Series {
  readonly key: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly type: 'gauge' | 'count';
  /** In the order of their first line. */
  readonly slots: readonly Slot[];
}

interface StoredSeries {
  readonly key: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly type: 'gauge' | 'count';
  readonly slots: Map<Minute, StoredSlot>;
}

type StoredSlot = { -readonly [K in keyof Slot]: Slot[K] } & { arrivals: Arrival[] };

/** A series forgets its oldest minutes beyond a week. */
const MAX_SLOTS = 7 * 24 * 60;

/** What the ingest API makes of points: one slot per series and minute, merged; metadata that is only ever created. */
export class SeriesStore {
  readonly #keepArrivals: boolean;
  readonly #series = { gauge: new Map<string, StoredSeries>(), count: new Map<string, StoredSeries>() };
  readonly #metadata = new Map<string, Metadata>();

  constructor(options: { keepArrivals: boolean }) {
    this.#keepArrivals = options.keepArrivals;
  }

  add(point: Point, at: EpochMs): void {
    const { value, head } = point;
    const ofType = this.#series[value.type];
    let series = ofType.get(head.series);
    if (series === undefined) {
      series = { key: head.key, dimensions: head.dimensions, type: value.type, slots: new Map() };
      ofType.set(head.series, series);
    }
    const minute = minuteOf(at);
    let slot = series.slots.get(minute);
    if (slot === undefined) {
      slot = { at: startOf(minute), min: value.min, max: value.max, sum: 0, count: 0, lines: 0, arrivals: [] };
      series.slots.set(minute, slot);
      if (series.slots.size > MAX_SLOTS) forgetFirst(series.slots);
    }
    // A summary of nothing has zeros for a minimum and a maximum.
    if (value.count > 0) {
      slot.min = slot.count === 0 ? value.min : Math.min(slot.min, value.min);
      slot.max = slot.count === 0 ? value.max : Math.max(slot.max, value.max);
    }
    slot.sum += value.sum;
    slot.count += value.count;
    slot.lines += 1;
    if (this.#keepArrivals) slot.arrivals.push({ at, value: value.text });
  }

  /** The first metadata of a key and type stays; nothing updates it. */
  describe(metadata: Metadata): void {
    const key = `${metadata.key} ${metadata.type}`;
    if (!this.#metadata.has(key)) this.#metadata.set(key, metadata);
  }

  metadata(): Metadata[] {
    return [...this.#metadata.values()];
  }

  /** A copy of everything stored. */
  series(): Series[] {
    return [...this.#series.gauge.values(), ...this.#series.count.values()].map(({ slots, ...series }) => ({
      ...series,
      slots: [...slots.values()].map((slot) => ({ ...slot, arrivals: [...slot.arrivals] })),
    }));
  }

  clear(): void {
    this.#series.gauge.clear();
    this.#series.count.clear();
    this.#metadata.clear();
  }
}

function forgetFirst(slots: Map<Minute, unknown>): void {
  for (const minute of slots.keys()) {
    slots.delete(minute);
    return;
  }
}
