import type { Clock } from '../platform/clock.ts';
import type { DurationMs, MonoMs } from '../model/time.ts';

/** When each source last brought a reading that came straight from its device, on the monotonic clock. */
export class LastReadings {
  readonly #clock: Clock;
  readonly #lastMono = new Map<string, MonoMs>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Begins to wait for a source's first reading. */
  expect(source: string): void {
    this.#lastMono.set(source, this.#clock.monoMs());
  }

  note(source: string, mono: MonoMs): void {
    this.#lastMono.set(source, mono);
  }

  /** How long a source has been silent, if it is for `silentAfterMs` or longer; else null. */
  silent(source: string, silentAfterMs: DurationMs): DurationMs | null {
    const last = this.#lastMono.get(source);
    if (last === undefined) return null;
    const silentMs = this.#clock.monoMs() - last;
    return silentMs >= silentAfterMs ? silentMs : null;
  }
}
