import type { DurationMs, MonoMs } from '../../model/time.ts';
import type { StateDocuments } from '../tables/state-documents.ts';
import type { Rider } from './database.ts';

/** State documents wait here for the next commit, but not longer than they may. */
export class StateWriter implements Rider {
  readonly #table: StateDocuments;
  readonly #waiting = new Map<string, { readonly json: string; readonly until: MonoMs }>();
  readonly #written = new Map<string, string>();

  constructor(table: StateDocuments) {
    this.#table = table;
  }

  /** When the first of them must be committed; null when nothing waits. */
  get dueAt(): MonoMs | null {
    const times = [...this.#waiting.values()].map(({ until }) => until);
    return times.length === 0 ? null : Math.min(...times);
  }

  put(key: string, value: unknown, now: MonoMs, withinMs: DurationMs): void {
    const json = JSON.stringify(value);
    if (!this.#waiting.has(key) && this.#written.get(key) === json) return;
    const until = Math.min(this.#waiting.get(key)?.until ?? Number.POSITIVE_INFINITY, now + withinMs);
    this.#waiting.set(key, { json, until });
  }

  board(): () => void {
    const boarded = [...this.#waiting];
    for (const [key, { json }] of boarded) this.#table.put(key, json);
    return () => {
      for (const [key, document] of boarded) {
        this.#written.set(key, document.json);
        if (this.#waiting.get(key) === document) this.#waiting.delete(key);
      }
    };
  }

  rolledBack(): void {}
}
