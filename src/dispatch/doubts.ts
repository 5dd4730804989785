/**
 * What a route remembers between batches about refusals, in memory only.
 *
 * A server that refuses everything must not turn everything into dead letters. An item refused alone is therefore only
 * doubted at first; it becomes a dead letter when it is refused again after the server has accepted another one since.
 */
/** As many as the largest batches of two lanes hold. */
const MOST = 32_768;

export class Doubts {
  /** By item key: how much had been accepted when it was first refused alone. */
  readonly #doubted = new Map<string, number>();
  #accepted = 0;
  #believed = 0;
  /** The server takes no compressed bodies. */
  identity = false;
  /** The last answer took all that was sent. */
  isSmooth = false;

  /** The server stored some items. */
  accepted(): void {
    this.#accepted++;
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

  /** Refused alone before, and the server has accepted something since. */
  isProven(key: string): boolean {
    const mark = this.#doubted.get(key);
    return mark !== undefined && mark < this.#accepted;
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
    this.#doubted.set(key, this.#accepted);
  }

  /**
   * Whether an answer that names every item of a request as bad is believed: once after each acceptance. A server that goes
   * on like that is not judging items any more.
   */
  believesTotalRefusal(): boolean {
    if (this.#accepted === this.#believed) return false;
    this.#believed = this.#accepted;
    return true;
  }
}
