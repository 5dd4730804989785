import type { Minute } from '../../model/time.ts';
import type { Readings, StoredReading } from '../tables/readings.ts';

/**
 * Readings of an append on their way into the table, several to a statement. Whoever looks for one of them finds it: what waits is
 * inserted before.
 */
export class ReadingInserts implements Pick<Readings, 'get' | 'page'> {
  readonly #table: Readings;
  #waiting: StoredReading[] = [];

  constructor(table: Readings) {
    this.#table = table;
  }

  insert(reading: StoredReading): void {
    this.#waiting.push(reading);
    if (this.#waiting.length === this.#table.insertedTogether) this.flush();
  }

  /** To be called before the transaction ends. */
  flush(): void {
    if (this.#waiting.length === 0) return;
    this.#table.insertAll(this.#waiting);
    this.#waiting.length = 0;
  }

  get(minute: Minute, id: number): StoredReading | null {
    this.flush();
    return this.#table.get(minute, id);
  }

  page(minute: Minute, after: number, limit: number): StoredReading[] {
    this.flush();
    return this.#table.page(minute, after, limit);
  }

  /** To be called when the transaction was rolled back. */
  forget(): void {
    this.#waiting = [];
  }
}
