import type { DurationMs, EpochMs, MonoMs } from '../../src/model/time.ts';
import { type Clock, systemClock } from '../../src/platform/clock.ts';

/** Both clocks of a machine, so many times as fast as this one, whose real sockets and threads take part nevertheless. */
export class HurriedClock implements Clock {
  readonly #speed: number;
  readonly #startWall: EpochMs;
  readonly #startMono: MonoMs;

  /** Processes that share a start, `systemClock.monoMs()` of one of them, share the time. */
  constructor(startWall: EpochMs, speed: number, startMono: MonoMs = systemClock.monoMs()) {
    this.#startWall = startWall;
    this.#speed = speed;
    this.#startMono = startMono;
  }

  wallMs(): EpochMs {
    return Math.round(this.#startWall + this.monoMs() - this.#startMono);
  }

  monoMs(): MonoMs {
    return this.#startMono + (systemClock.monoMs() - this.#startMono) * this.#speed;
  }

  sleep(ms: DurationMs, signal?: AbortSignal): Promise<void> {
    return systemClock.sleep(ms / this.#speed, signal);
  }
}
