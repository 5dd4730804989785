import { closeSync, openSync, writeSync } from 'node:fs';
import type { EpochMs } from '../../../src/model/time.ts';

/** What the recorded process knew at a point of its recording. Numbers name readings. */
export type Mark =
  | { readonly kind: 'appending' | 'acknowledged'; readonly before: number }
  /** `settling` before the call, `settled` once a commit had to carry it. */
  | { readonly kind: 'settling' | 'settled'; readonly result: Settled }
  /** Values of dead letters, or of letters pending again, are settled or decided about from here on. */
  | { readonly kind: 'letters'; readonly readings: readonly number[] }
  | { readonly kind: 'advancing'; readonly now: EpochMs }
  | { readonly kind: 'replay'; readonly id: number }
  /** The file in use was declared damaged: the next opening moves it aside, and all of it is pending again. */
  | { readonly kind: 'damaged' };

export interface Settled {
  readonly readings: readonly number[];
  /** Of these one value was refused for good. */
  readonly dead: readonly number[];
  /** Of these one value was refused as too old, and is owed on the next route. */
  readonly tooOld: readonly number[];
}

/** Writes marks to the file that the recorder recognises. */
export class MarkWriter {
  readonly #fd: number;

  constructor(path: string) {
    this.#fd = openSync(path, 'w');
  }

  write(mark: Mark): void {
    writeSync(this.#fd, JSON.stringify(mark));
  }

  close(): void {
    closeSync(this.#fd);
  }
}
