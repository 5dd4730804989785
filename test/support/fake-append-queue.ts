import type { Append, Appended, Queue } from '../../src/queue/queue.ts';

interface Pending {
  readonly append: Append;
  readonly answer: PromiseWithResolvers<Appended>;
}

/** The queue as the intake uses it. Appends are answered at once unless `hold` was called; two at a time are an error. */
export class FakeAppendQueue implements Pick<Queue, 'append'> {
  /** What was committed, in order. */
  readonly committed: Append[] = [];
  /** What was asked, committed or not. */
  asked = 0;
  #holding = false;
  #refusing: Error | null = null;
  #pending: Pending | null = null;

  append(append: Append): Promise<Appended> {
    if (this.#pending !== null) return Promise.reject(new Error('two appends in flight'));
    this.asked++;
    this.#pending = { append, answer: Promise.withResolvers() };
    const { promise } = this.#pending.answer;
    if (!this.#holding) this.#answer();
    return promise;
  }

  /** From now on each append waits for `release`. */
  hold(): void {
    this.#holding = true;
  }

  /** From now on each append is rejected; null: stored again. */
  refuseWith(error: Error | null): void {
    this.#refusing = error;
  }

  get inFlight(): Append | null {
    return this.#pending?.append ?? null;
  }

  /** Answers the append that is held. */
  release(): void {
    if (this.#pending === null) throw new Error('no append is in flight');
    this.#answer();
  }

  /** Sums over all that was committed. */
  get totals(): { used: number; refused: number; ignored: number; refusedFields: number; values: number } {
    const counts = this.committed.flatMap((append) => append.counts);
    return {
      used: sum(this.committed.map((append) => new Set(append.message).size)),
      refused: sum(counts.map(({ refused }) => refused)),
      ignored: sum(counts.map(({ ignored }) => ignored)),
      refusedFields: sum(counts.map(({ refusedFields }) => refusedFields)),
      values: sum(this.committed.map((append) => append.readings.values.length)),
    };
  }

  #answer(): void {
    const pending = this.#pending;
    if (pending === null) return;
    this.#pending = null;
    if (this.#refusing !== null) {
      pending.answer.reject(this.#refusing);
      return;
    }
    const { readings } = pending.append;
    this.committed.push(pending.append);
    pending.answer.resolve({
      readings: readings.length,
      values: readings.values.length,
      duplicates: 0,
      evicted: 0,
    });
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, n) => total + n, 0);
}
