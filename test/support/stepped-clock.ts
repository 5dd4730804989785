import type { DurationMs, EpochMs, MonoMs } from '../../src/model/time.ts';
import type { Clock } from '../../src/platform/clock.ts';
import type { GatewayClock } from '../../src/platform/gateway-clock.ts';

interface Sleeper {
  readonly atMono: MonoMs;
  readonly wake: () => void;
}

/** Both clocks of a machine; time passes only in `advance`, and only `step` moves one without the other. */
export class SteppedClock implements Clock {
  #mono: MonoMs = 1_000_000;
  #wall: EpochMs;
  #sleepers: Sleeper[] = [];

  constructor(wall: EpochMs) {
    this.#wall = wall;
  }

  wallMs(): EpochMs {
    return this.#wall;
  }

  monoMs(): MonoMs {
    return this.#mono;
  }

  /** Sleepers that were not woken or aborted. */
  get sleeping(): number {
    return this.#sleepers.length;
  }

  sleep(ms: DurationMs, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal?.aborted === true) return resolve();
      const sleeper: Sleeper = { atMono: this.#mono + Math.max(0, ms), wake: resolve };
      this.#sleepers.push(sleeper);
      signal?.addEventListener('abort', () => {
        this.#sleepers = this.#sleepers.filter((other) => other !== sleeper);
        resolve();
      });
    });
  }

  /** Lets time pass, wakes who is due on the way in order, and lets what they started run as far as it can. */
  async advance(ms: DurationMs): Promise<void> {
    const until = this.#mono + ms;
    await settled();
    for (;;) {
      const [next] = this.#sleepers.toSorted((a, b) => a.atMono - b.atMono);
      if (next === undefined || next.atMono > until) break;
      this.#pass(next.atMono - this.#mono);
      this.#sleepers = this.#sleepers.filter((other) => other !== next);
      next.wake();
      await settled();
    }
    this.#pass(until - this.#mono);
  }

  /** Somebody sets the wall clock. */
  step(ms: DurationMs): void {
    this.#wall += ms;
  }

  #pass(ms: DurationMs): void {
    this.#mono += ms;
    this.#wall += ms;
  }
}

/** Lets everything run that needs neither time nor I/O. */
export function settled(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

/** A gateway clock over a stepped one; `confirm` sets it right. */
export class SteppedGatewayClock implements GatewayClock {
  state: GatewayClock['state'] = 'unconfirmed';
  offsetMs: DurationMs = 0;
  confirmedBy: string | null = null;
  readonly #machine: Clock;

  constructor(machine: Clock) {
    this.#machine = machine;
  }

  confirm(offsetMs: DurationMs): this {
    this.state = offsetMs === 0 ? 'confirmed' : 'corrected';
    this.offsetMs = offsetMs;
    this.confirmedBy = 'test';
    return this;
  }

  now(): EpochMs {
    return this.#machine.wallMs() + this.offsetMs;
  }

  monoMs(): MonoMs {
    return this.#machine.monoMs();
  }

  observeServerDate(): void {
    throw new Error('not part of this fake');
  }

  onConfirmed(): void {
    throw new Error('not part of this fake');
  }

  confirmed(): Promise<void> {
    return Promise.reject(new Error('not part of this fake'));
  }
}
