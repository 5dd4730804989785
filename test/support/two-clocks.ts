import type { DurationMs, EpochMs, MonoMs } from '../../src/model/time.ts';
import type { Clock } from '../../src/platform/clock.ts';

/** A machine whose wall clock a test can step while its monotonic clock goes on. Time passes only in `pass`. */
export class TwoClocks implements Clock {
  #wall: EpochMs;
  #mono: MonoMs = 5_000.25;

  constructor(wall: EpochMs) {
    this.#wall = wall;
  }

  wallMs(): EpochMs {
    return this.#wall;
  }

  monoMs(): MonoMs {
    return this.#mono;
  }

  sleep(): Promise<void> {
    return Promise.reject(new Error('nobody sleeps here'));
  }

  pass(ms: DurationMs): void {
    this.#wall += ms;
    this.#mono += ms;
  }

  step(ms: DurationMs): void {
    this.#wall += ms;
  }
}
