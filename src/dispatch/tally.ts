import type { Outcome } from '../model/outcome.ts';
import type { EpochMs } from '../model/time.ts';

export interface Counters {
  readonly lastSuccessAt: EpochMs | null;
  readonly requests: number;
  readonly lines: number;
  readonly bytesSent: number;
}

/** What was sent to a sink, over all its routes and all runs. A line is counted each time a request with it was answered. */
export class Tally {
  #counters: Counters = { lastSuccessAt: null, requests: 0, lines: 0, bytesSent: 0 };

  get counters(): Counters {
    return this.#counters;
  }

  restore(counters: Counters): void {
    this.#counters = counters;
  }

  count(outcome: Outcome, lines: number, now: EpochMs): void {
    const { lastSuccessAt, requests, lines: before, bytesSent } = this.#counters;
    const good = outcome.kind === 'accepted' || outcome.kind === 'partial';
    this.#counters = {
      lastSuccessAt: good ? now : lastSuccessAt,
      requests: requests + 1,
      lines: before + (outcome.status === undefined ? 0 : lines),
      bytesSent: bytesSent + outcome.bytesSent,
    };
  }
}
