import type { Origin, Quantity } from '../model/reading.ts';
import type { EpochMs, MonoMs } from '../model/time.ts';
import { decideTime } from './device-time.ts';
import type { KeptReading } from './kept-reading.ts';
import type { Message } from './message.ts';

/** A reading as it goes into an append. */
export interface ReadingDraft {
  readonly origin: Origin;
  /** The message it came in, or the first of those it was gathered from. */
  readonly message: number;
  readonly kind: 'known' | 'provisional' | 'unknown';
  readonly deviceTime: EpochMs | null;
  /** It follows from the draft before it. */
  readonly derived: boolean;
  at: EpochMs;
  receivedMono: MonoMs;
  quantities: readonly Quantity[];
  /** Its own begin at `first`. */
  values: ArrayLike<number>;
  first: number;
}

/**
 * The readings of a group of messages. Devices that tell their values one by one, a topic for each, get one reading of
 * what came together: a quantity that comes again begins the next, so no value is given up for a newer one. What carries a
 * time of its own, or waited at the broker, is a reading by itself.
 */
export class Gathering {
  /** By message, ascending. */
  readonly drafts: ReadingDraft[] = [];
  readonly #confirmed: boolean;
  readonly #wallMinusMono: number;
  readonly #open = new Map<string, ReadingDraft>();
  #message = -1;

  constructor(confirmed: boolean, wallMinusMono: number) {
    this.#confirmed = confirmed;
    this.#wallMinusMono = wallMinusMono;
  }

  /** What became of the message: it has a reading, its values went into readings of earlier ones, or it is state and no reading. */
  take(message: Message): 'drafted' | 'merged' | 'ignored' {
    this.#message++;
    const before = this.drafts.length;
    let merged = false;
    for (const reading of message.readings) merged = this.#takeOne(message, reading) || merged;
    if (this.drafts.length > before) return 'drafted';
    return merged ? 'merged' : 'ignored';
  }

  /** True when the reading went into one that an earlier message began. */
  #takeOne({ from, receivedMono, retained, waited }: Message, reading: KeptReading): boolean {
    const { origin, deviceTime, quantities, values, first } = reading;
    const receivedAt = Math.round(this.#wallMinusMono + receivedMono);
    const time = decideTime({ deviceTime, receivedAt, confirmed: this.#confirmed, retained, waited }, from.trustTime);
    if (time.kind === 'ignored') return false;
    if (this.#confirmed && deviceTime !== null && !retained && !waited) {
      from.offsets.observe(origin.device, deviceTime - receivedAt);
    }
    const { at, kind } = time;
    const key = reading.part && deviceTime === null && kind === 'known' ? JSON.stringify(origin) : null;
    const open = key === null ? undefined : this.#open.get(key);
    if (open !== undefined && !quantities.some((quantity) => open.quantities.includes(quantity))) {
      open.values = [...valuesOf(open), ...valuesOf(reading)];
      open.first = 0;
      open.quantities = [...open.quantities, ...quantities];
      open.at = Math.max(open.at, at);
      open.receivedMono = Math.max(open.receivedMono, receivedMono);
      return open.message !== this.#message;
    }
    const message = this.#message;
    const draft = { origin, message, kind, deviceTime, derived: false, at, receivedMono, quantities, values, first };
    this.drafts.push(draft);
    if (key !== null) this.#open.set(key, draft);
    return false;
  }
}

function valuesOf({ quantities, values, first }: Pick<ReadingDraft, 'quantities' | 'values' | 'first'>): number[] {
  return quantities.map((_, i) => values[first + i] ?? Number.NaN);
}
