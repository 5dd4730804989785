import { answerBytes, type ReadRequest } from './read-request.ts';

/**
 * Requests that were given up and whose answers may still come. An RTU answer does not say which registers it is of: one that
 * is late looks like the answer to any request of the same unit, function and length. A device answers in order, so once it
 * has answered a request of another shape, nothing older can come any more.
 *
 * Invariant: data is believed only when no request of its shape to that unit is owed an answer.
 */
export class Debts {
  readonly #byUnit = new Map<number, Set<string>>();

  owes(unit: number): boolean {
    return (this.#byUnit.get(unit)?.size ?? 0) > 0;
  }

  /** Whether an answer to this request could be an older one's. */
  mayBeMistaken(request: ReadRequest): boolean {
    return this.#byUnit.get(request.unit)?.has(shapeOf(request)) ?? false;
  }

  /** The request was given up. */
  add(request: ReadRequest): void {
    const shapes = this.#byUnit.get(request.unit) ?? new Set();
    this.#byUnit.set(request.unit, shapes.add(shapeOf(request)));
  }

  /** The unit has answered a request that could not be mistaken. */
  clear(unit: number): void {
    this.#byUnit.delete(unit);
  }

  /** A request to the same place whose answer cannot be mistaken; null when every shape is owed. */
  probeFor(request: ReadRequest): ReadRequest | null {
    for (let count = request.count - 1; count >= 1; count--) {
      const probe = { ...request, count };
      if (!this.mayBeMistaken(probe)) return probe;
    }
    const longer = { ...request, count: request.count + 1 };
    return this.mayBeMistaken(longer) ? null : longer;
  }
}

function shapeOf(request: ReadRequest): string {
  return `${request.fc}:${answerBytes(request)}`;
}
