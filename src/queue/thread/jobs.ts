import { setImmediate } from 'node:timers/promises';

/** Runs long work a transaction at a time, so that messages are handled in between. One after the other. */
export class Jobs {
  #last: Promise<unknown> = Promise.resolve();
  #stopping = false;

  run<T>(steps: Generator<void, T>): Promise<T> {
    const job = this.#last.then(() => this.#step(steps));
    this.#last = job.catch(() => undefined);
    return job;
  }

  /** Ends what runs after its current transaction; its promise rejects. */
  async stop(): Promise<void> {
    this.#stopping = true;
    await this.#last;
  }

  async #step<T>(steps: Generator<void, T>): Promise<T> {
    for (;;) {
      if (this.#stopping) throw new Error('the queue is closing');
      const step = steps.next();
      if (step.done === true) return step.value;
      await setImmediate();
    }
  }
}
