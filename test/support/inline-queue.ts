import type { Clock } from '../../src/platform/clock.ts';
import type { EpochMs } from '../../src/model/time.ts';
import type {
  Advanced,
  Append,
  Appended,
  Claim,
  ClaimRequest,
  Correction,
  Queue,
  QueueReport,
  Settlement,
  SinkRegistration,
} from '../../src/queue/queue.ts';
import type { Store } from '../../src/queue/work/store.ts';

/** The real store as a queue without a thread: every answer is there at once, so that a test's clock alone decides what happens when. */
export class InlineQueue implements Queue {
  readonly #store: Store;
  readonly #clock: Clock;
  #killed = false;

  constructor(store: Store, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  append(append: Append): Promise<Appended> {
    return this.#answer(() => this.#store.append(append));
  }

  claim(request: ClaimRequest): Promise<Claim | null> {
    return this.#answer(() => this.#store.claim(request));
  }

  settle(settlement: Settlement): Promise<void> {
    return this.#answer(() => {
      this.#store.settle(settlement);
      this.#store.flush();
    });
  }

  commitSettled(): Promise<void> {
    return this.#answer(() => this.#store.flush());
  }

  release(claim: number): Promise<void> {
    return this.#answer(() => this.#store.release(claim));
  }

  advance(now: EpochMs): Promise<Advanced> {
    return this.#answer(() => finish(this.#store.advance(now)));
  }

  keepBounds(now: EpochMs): Promise<Pick<Advanced, 'evicted' | 'pruned'>> {
    return this.#answer(() => finish(this.#store.keepBounds(now)));
  }

  registerSinks(sinks: readonly SinkRegistration[]): Promise<void> {
    return this.#answer(() => this.#store.registerSinks(sinks));
  }

  confirmBoot(correction: Correction | null): Promise<void> {
    return this.#answer(() => finish(this.#store.confirmBoot(correction)));
  }

  endSafeMode(): Promise<void> {
    return this.#answer(() => this.#store.endSafeMode(this.#clock.monoMs()));
  }

  putState(key: string, value: unknown, withinMs: number): void {
    if (!this.#killed) this.#store.putState(key, value, this.#clock.monoMs(), withinMs);
  }

  report(now: EpochMs): Promise<QueueReport> {
    return this.#answer(() => this.#store.report(now));
  }

  onForeignChange(): void {
    // No other process opens this one's file.
  }

  close(): Promise<void> {
    return this.#answer(() => this.#store.close());
  }

  /** As a crash leaves it: nothing is committed any more, no clean mark. */
  kill(): void {
    this.#killed = true;
    this.#store.database.connection.close();
  }

  async #answer<T>(work: () => T): Promise<T> {
    if (this.#killed) throw new Error('the queue was killed');
    return await Promise.resolve(work());
  }
}

function finish<T>(steps: Generator<void, T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}
