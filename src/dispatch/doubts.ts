/**
 * What a route remembers between batches about refusals, in memory only.
 *
 * A server that refuses everything must not turn everything into dead letters. An item refused alone is therefore only
 * doubted at first; it becomes a dead letter when it is refused again after the server has accepted another one since.
 */
/** As many as the largest batches of two lanes hold. */
const MOST = 32_768;

export class Doubts {
  /** By item key: which refusal it was that first met it alone. */
  readonly #doubted = new Map<string, number>();
  #refusals = 1;
  /** The newest refusal after which something was sent that the server stored. */
  #outlived = 0;
  #believed = 1;
  /** The server takes no compressed bodies. */
  identity = false;
  /** The last answer took all that was sent. */
  isSmooth = false;

  /** Goes up with everything that an acceptance has to come after; to be noted when a request is sent. */
  get refusals(): number {
    return this.#refusals;
  }

  /**
   * The server stored some items of a request that was sent when there were so many `refusals`. One that was on its way together
   * with a refused one may have been stored before that, and says nothing of what the server does since.
   */
  accepted(refusals: number): void {
    this.#outlived = Math.max(this.#outlived, refusals);
  }

  /** Nothing is doubted, as almost always: then no item's key need be made to ask. */
  get none(): boolean {
    return this.#doubted.size === 0;
  }

  clear(key: string): void {
    this.#doubted.delete(key);
  }

  isDoubted(key: string): boolean {
    return this.#doubted.has(key);
  }

  /** Refused alone before, and the server has accepted something that was sent since. */
  isProven(key: string): boolean {
    const refusal = this.#doubted.get(key);
    return refusal !== undefined && refusal <= this.#outlived;
  }

  /** The oldest doubt is forgotten when there are too many: its item is then met as new. */
  doubt(key: string): void {
    if (this.#doubted.has(key)) return;
    if (this.#doubted.size >= MOST) {
      for (const oldest of this.#doubted.keys()) {
        this.#doubted.delete(oldest);
        break;
      }
    }
    this.#doubted.set(key, ++this.#refusals);
  }

  /**
   * Whether an answer that names every item of a request as bad is believed: once after each acceptance. A server that goes
   * on like that is not judging items any more.
   */
  believesTotalRefusal(): boolean {
    if (this.#outlived < this.#believed) return false;
    this.#believed = ++this.#refusals;
    return true;
  }
}
