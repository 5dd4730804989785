import type { MonoMs } from '../../model/time.ts';
import type { Meta } from '../tables/meta.ts';
import { begin, resumed, seen, type Run, type Start } from './crash-loop.ts';
import type { Rider } from './database.ts';

/** Keeps the record of the recent runs in the database; what is news of this run waits for a commit that happens anyway. */
export class RunRecord implements Rider {
  readonly #meta: Meta;
  #runs: readonly Run[] = [];
  #written: readonly Run[] = [];

  constructor(meta: Meta) {
    this.#meta = meta;
  }

  /** Within the transaction of the opening, before the mark of a clean stop is taken away. */
  begin({ boot, startedMono }: Omit<Start, 'afterCrash'>): Run | undefined {
    const afterCrash = this.#meta.get('clean') === false;
    this.#runs = begin(this.#meta.get('runs') ?? [], { boot, startedMono, afterCrash });
    this.#meta.set('runs', this.#runs);
    this.#written = this.#runs;
    return this.#runs.at(-1);
  }

  seen(now: MonoMs): void {
    this.#runs = seen(this.#runs, now);
  }

  resumed(now: MonoMs): void {
    this.#runs = resumed(this.#runs, now);
  }

  board(): () => void {
    const runs = this.#runs;
    if (runs !== this.#written) this.#meta.set('runs', runs);
    return () => {
      this.#written = runs;
    };
  }

  rolledBack(): void {}
}
