import type { Queue, Settlement } from '../queue/queue.ts';

interface Failed {
  readonly settlement: Settlement;
  readonly error: unknown;
}

const TRIES = 12;

/**
 * The results of a lane's batches on their way into the queue. A settle is not waited for before the next claim (the queue puts it
 * before), only before anything of that claim is sent. While it cannot be made durable (a full disk) nothing more is sent, or the same
 * would be sent again and again. A settle that the queue refuses is given up after `TRIES`: sent again is the lesser evil.
 */
export class Settling {
  readonly #queue: Queue;
  readonly #onFailure: () => void;
  #last: Promise<Failed | null> = Promise.resolve(null);
  #commit: Promise<{ readonly error: unknown } | null> = Promise.resolve(null);
  #tries = 0;

  constructor(queue: Queue, onFailure: () => void) {
    this.#queue = queue;
    this.#onFailure = onFailure;
  }

  settle(settlement: Settlement): void {
    this.#last = this.#queue.settle(settlement).then(
      () => {
        this.#tries = 0;
        return null;
      },
      (error: unknown) => {
        this.#tries++;
        this.#onFailure();
        return { settlement, error };
      },
    );
  }

  /** Makes what was settled durable, for a batch that was claimed before. */
  commit(): void {
    this.#commit = this.#queue.commitSettled().then(
      () => null,
      (error: unknown) => ({ error }),
    );
  }

  /** Resolves when nothing is on its way any more; throws what went wrong with it. */
  async done(): Promise<void> {
    const failed = (await this.#last) ?? (await this.#commit);
    this.#commit = Promise.resolve(null);
    if (failed !== null) throw failed.error;
  }

  /** Settles again what could not be settled; throws if it still cannot, after `TRIES` with the claim to give up. */
  async again(giveUp: (claim: number) => void): Promise<void> {
    if (this.#tries === 0) return;
    const failed = await this.#last;
    if (failed === null) return;
    if (this.#tries < TRIES) {
      this.settle(failed.settlement);
      return this.done();
    }
    this.#last = Promise.resolve(null);
    this.#tries = 0;
    giveUp(failed.settlement.claim);
    throw failed.error;
  }
}
