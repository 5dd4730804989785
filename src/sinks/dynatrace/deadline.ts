import type { DurationMs } from '../../model/time.ts';

/**
 * Aborts after a time, or when who asked gives up. To be ended with what it watches over: a timer that only fires for nothing keeps
 * all of it until then, which of hundreds of requests a second would be tens of megabytes.
 */
export class Deadline {
  readonly #controller = new AbortController();
  readonly #asker: AbortSignal;
  readonly #timer: NodeJS.Timeout;
  readonly #giveUp = (): void => this.#controller.abort();
  #hasPassed = false;

  constructor(asker: AbortSignal, ms: DurationMs) {
    this.#asker = asker;
    this.#timer = setTimeout(() => {
      this.#hasPassed = true;
      this.#giveUp();
    }, ms).unref();
    asker.addEventListener('abort', this.#giveUp);
    if (asker.aborted) this.#giveUp();
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** It was the time, not who asked. */
  get hasPassed(): boolean {
    return this.#hasPassed;
  }

  end(): void {
    clearTimeout(this.#timer);
    this.#asker.removeEventListener('abort', this.#giveUp);
  }
}
