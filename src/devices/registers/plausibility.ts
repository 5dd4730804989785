import { HOUR, MINUTE, type DurationMs, type MonoMs } from '../../model/time.ts';
import type { Quantity } from '../../model/reading.ts';

/** A counter that has kept a new level for so long was set anew, or the device is another one. */
const BELIEVED_AFTER: DurationMs = 10 * MINUTE;
/** 0 is also what is said all night by a logger whose inverter sleeps. */
const ZERO_BELIEVED_AFTER: DurationMs = 24 * HOUR;
/** What a resolution of whole units may add to any rise. */
const STEPS = 2;

/** What a counter says at a moment, and how it may rise. */
export interface CounterValue {
  readonly value: number;
  readonly at: MonoMs;
  readonly risesPerHour: number;
  /** The smallest step of the counter. */
  readonly resolution: number;
}

interface Level {
  readonly value: number;
  readonly at: MonoMs;
}

interface Counter {
  last: Level;
  /** A level that does not follow from the last one, and since when it holds. */
  doubt: (Level & { readonly since: MonoMs }) | null;
}

/**
 * Counters of energy never fall and rise no faster than the device can. A value that does not fit is refused: 0 for a moment
 * at dawn, 65535 in between. Remembers the last good value of each counter of one device.
 */
export class Plausibility {
  readonly #counters = new Map<Quantity, Counter>();

  /** Null when the value may be; else why not. */
  check(quantity: Quantity, now: CounterValue): string | null {
    const counter = this.#counters.get(quantity);
    if (counter === undefined || follows(counter.last, now) || isSetAnew(counter, now)) {
      this.#counters.set(quantity, { last: now, doubt: null });
      return null;
    }
    const { last } = counter;
    return `${now.value < last.value ? 'fell' : 'rose'} from ${last.value} to ${now.value}`;
  }
}

function follows(last: Level, { value, at, risesPerHour, resolution }: CounterValue): boolean {
  return value >= last.value && value <= last.value + (risesPerHour * (at - last.at)) / HOUR + STEPS * resolution;
}

/** Whether the counter goes on from a new level, and has for long enough. */
function isSetAnew(counter: Counter, now: CounterValue): boolean {
  const { doubt } = counter;
  const goesOn = doubt !== null && follows(doubt, now) && (doubt.value === 0) === (now.value === 0);
  counter.doubt = { value: now.value, at: now.at, since: goesOn ? doubt.since : now.at };
  return now.at - counter.doubt.since >= (now.value === 0 ? ZERO_BELIEVED_AFTER : BELIEVED_AFTER);
}
