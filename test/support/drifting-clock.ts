import type { DurationMs, MonoMs } from '../../src/model/time.ts';
import { SteppedClock } from './stepped-clock.ts';

/** Time that passes a little at each look, as it does on a machine; keeps how long was slept. */
export class DriftingClock extends SteppedClock {
  readonly sleeps: DurationMs[] = [];
  #looks = 0;

  override monoMs(): MonoMs {
    return super.monoMs() + ++this.#looks / 1000;
  }

  override sleep(ms: DurationMs, signal?: AbortSignal): Promise<void> {
    this.sleeps.push(ms);
    return super.sleep(ms, signal);
  }
}
