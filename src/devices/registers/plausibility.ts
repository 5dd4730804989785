import { HOUR, MINUTE, type DurationMs, type MonoMs } from '../../model/time.ts';
import type { Quantity } from '../../model/reading.ts';

/** A counter that has kept a new level for so long was set anew, or the device is another one. */
const BELIEVED_AFTER: DurationMs = 10 * MINUTE;
/** What a resolution of whole units may add to any rise. */
const STEPS = 2;

interface Counter {
  value: number;
  at: MonoMs;
  /** A level that does not follow from the last one, and since when. */
  doubt: { value: number; readonly since: MonoMs } | null;
}

/**
 * Counters of energy never fall and rise no faster than the device can. A value that does not fit is refused: 0 for a moment
 * at dawn, 65535 in between. Remembers the last good value of each counter of one device.
 */
export class Plausibility {
  readonly #counters = new Map<Quantity, Counter>();

  /** Null when the value may be; else why not. `resolution` is the smallest step of the counter. */
  check(quantity: Quantity, value: number, at: MonoMs, risesPerHour: number, resolution: number): string | null {
    const counter = this.#counters.get(quantity);
    if (counter === undefined) {
      this.#counters.set(quantity, { value, at, doubt: null });
      return null;
    }
    const highest = counter.value + (risesPerHour * (at - counter.at)) / HOUR + STEPS * resolution;
    if (value >= counter.value && value <= highest) {
      Object.assign(counter, { value, at, doubt: null });
      return null;
    }
    if (this.#isSetAnew(counter, value, at)) {
      Object.assign(counter, { value, at, doubt: null });
      return null;
    }
    return value < counter.value ? `fell from ${counter.value} to ${value}` : `rose from ${counter.value} to ${value}`;
  }

  /** A level that holds, or goes on rising from where it is, for ten minutes. 0 is what a device says that is not ready. */
  #isSetAnew(counter: Counter, value: number, at: MonoMs): boolean {
    const { doubt } = counter;
    if (value === 0 || doubt === null || value < doubt.value || value > doubt.value * 1.01 + STEPS) {
      counter.doubt = value === 0 ? null : { value, since: at };
      return false;
    }
    doubt.value = value;
    return at - doubt.since >= BELIEVED_AFTER;
  }
}
