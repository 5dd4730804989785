import type { DurationMs, MonoMs } from '../model/time.ts';
import type { Clock } from '../platform/clock.ts';

/** How long loops have been waiting for what always comes within a minute or two: an answer of the queue or of a sink. */
export class Waits {
  readonly #clock: Pick<Clock, 'monoMs'>;
  readonly #since = new Map<object, MonoMs>();

  constructor(clock: Pick<Clock, 'monoMs'>) {
    this.#clock = clock;
  }

  /** It begins to wait, or got something and waits for the next. */
  begin(loop: object): void {
    this.#since.set(loop, this.#clock.monoMs());
  }

  end(loop: object): void {
    this.#since.delete(loop);
  }

  get longestMs(): DurationMs {
    const now = this.#clock.monoMs();
    return Math.max(0, ...[...this.#since.values()].map((since) => now - since));
  }
}
