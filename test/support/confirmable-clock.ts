import type { EpochMs, MonoMs } from '../../src/model/time.ts';
import type { Clock } from '../../src/platform/clock.ts';
import type { GatewayClock } from '../../src/platform/gateway-clock.ts';

/** A gateway clock that believes its machine's wall clock, once it is confirmed or has seen a server's date. */
export class ConfirmableClock implements GatewayClock {
  state: GatewayClock['state'] = 'unconfirmed';
  readonly offsetMs = 0;
  confirmedBy: string | null = null;
  readonly observed: { readonly at: EpochMs; readonly mono: MonoMs }[] = [];
  readonly #machine: Clock;
  readonly #confirmed = Promise.withResolvers<void>();

  constructor(machine: Clock) {
    this.#machine = machine;
  }

  confirm(by: string): void {
    this.state = 'confirmed';
    this.confirmedBy = by;
    this.#confirmed.resolve();
  }

  now(): EpochMs {
    return this.#machine.wallMs();
  }

  monoMs(): MonoMs {
    return this.#machine.monoMs();
  }

  observeServerDate(sink: string, at: EpochMs, mono: MonoMs): void {
    this.observed.push({ at, mono });
    this.confirm(sink);
  }

  onConfirmed(): void {
    throw new Error('not part of this fake');
  }

  confirmed(signal?: AbortSignal): Promise<void> {
    const aborted = Promise.withResolvers<void>();
    if (signal?.aborted === true) aborted.resolve();
    signal?.addEventListener('abort', () => aborted.resolve(), { once: true });
    return Promise.race([this.#confirmed.promise, aborted.promise]);
  }
}
