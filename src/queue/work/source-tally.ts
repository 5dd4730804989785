import type { EpochMs } from '../../model/time.ts';
import type { Tables } from '../tables/tables.ts';

/** What one append adds to the counts of one source. Of messages, unless named otherwise. */
export class SourceTally {
  used = 0;
  duplicates = 0;
  refused = 0;
  ignored = 0;
  refusedFields = 0;
  #readings = 0;
  #values = 0;
  #lastReadingAt = 0;

  /** `receivedAt` is null for what was not measured when it came. */
  store(values: number, receivedAt: EpochMs | null): void {
    this.#readings++;
    this.#values += values;
    this.#lastReadingAt = Math.max(this.#lastReadingAt, receivedAt ?? 0);
  }

  write({ counters, sources }: Pick<Tables, 'counters' | 'sources'>, source: string): void {
    const owner = `source:${source}` as const;
    sources.touch(source);
    counters.add(owner, 'messages', this.used + this.duplicates + this.refused + this.ignored);
    counters.add(owner, 'used', this.used);
    counters.add(owner, 'duplicates', this.duplicates);
    counters.add(owner, 'refused', this.refused);
    counters.add(owner, 'ignored', this.ignored);
    counters.add(owner, 'refusedFields', this.refusedFields);
    counters.add(owner, 'readings', this.#readings);
    counters.add(owner, 'values', this.#values);
    if (this.#lastReadingAt > 0) counters.set(owner, 'lastReadingAt', this.#lastReadingAt);
  }
}
