import { MINUTE, type DurationMs, type MonoMs } from '../../model/time.ts';
import { answerBytes, type ReadRequest } from './read-request.ts';

/** No answer comes later: logger sticks, the slowest, need half a minute. */
const LATEST_ANSWER: DurationMs = 2 * MINUTE;
/** Longer probes may ask for registers that are not there, so few are tried. */
const LONGER_PROBES = 8;

/**
 * Requests that were given up and whose answers may still come. An RTU answer does not say which registers it is of: one that
 * is late looks like the answer to any request of the same unit, function and length. A device answers in order, so once it
 * has answered a request of another shape, nothing older can come any more.
 *
 * Invariant: data is believed only when no request of its shape to that unit is owed an answer.
 */
export class Debts {
  /** By unit and shape, when it was last asked for. */
  readonly #byUnit = new Map<number, Map<string, MonoMs>>();

  owes(unit: number, now: MonoMs): boolean {
    return this.#owed(unit, now).size > 0;
  }

  /** Whether an answer to this request could be an older one's. */
  mayBeMistaken(request: ReadRequest, now: MonoMs): boolean {
    return this.#owed(request.unit, now).has(shapeOf(request));
  }

  /** The request, made at `now`, was given up. */
  add(request: ReadRequest, now: MonoMs): void {
    this.#byUnit.set(request.unit, this.#owed(request.unit, now).set(shapeOf(request), now));
  }

  /** The unit has answered a request that could not be mistaken. */
  clear(unit: number): void {
    this.#byUnit.delete(unit);
  }

  /** A request to the same place whose answer cannot be mistaken; null when every shape is owed. */
  probeFor(request: ReadRequest, now: MonoMs): ReadRequest | null {
    const shorter = Array.from({ length: request.count - 1 }, (_, i) => request.count - 1 - i);
    const longer = Array.from({ length: LONGER_PROBES }, (_, i) => request.count + 1 + i);
    const counts = [...shorter, ...longer];
    const count = counts.find((n) => !this.mayBeMistaken({ ...request, count: n }, now));
    return count === undefined ? null : { ...request, count };
  }

  #owed(unit: number, now: MonoMs): Map<string, MonoMs> {
    const owed = [...(this.#byUnit.get(unit) ?? [])].filter(([, askedAt]) => now - askedAt < LATEST_ANSWER);
    return new Map(owed);
  }
}

function shapeOf(request: ReadRequest): string {
  return `${request.fc}:${answerBytes(request)}`;
}
