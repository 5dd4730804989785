/**
 * The time the gateway believes. A wall clock can be wrong at boot (no battery-backed clock) and can be stepped at any time;
 * the monotonic clock cannot, but knows no date. Believed time is therefore a pair of both, projected on the monotonic one.
 *
 * States
 * - unconfirmed: at every start, also when an earlier run of this boot was confirmed: what was checked then may have been
 *   stepped since. now() is the wall clock. Left by time synchronisation, unless the wall clock is impossible, or by the
 *   first server Date: within 2 min the wall clock is right, else it is corrected by the difference.
 * - following: now() is the wall clock plus the offset, as long as that is within 2 s of the projection (slewing).
 *   `confirmed` with an offset of 0, else `corrected`.
 * - projecting (`corrected`): the wall clock was stepped and is not believed. Left when it comes back, or for the new wall
 *   clock as soon as time synchronisation, or a server Date nearer to it than to the projection, vouches for it.
 */
import { MINUTE, SECOND, type DurationMs, type EpochMs, type MonoMs } from '../model/time.ts';
import type { Clock } from './clock.ts';
import type { GatewayClock } from './gateway-clock.ts';
import type { Log } from './log.ts';

export interface BelievedClockOptions {
  readonly clock: Clock;
  /** No true time is before it. */
  readonly buildDate: EpochMs;
  /** The newest time stored by an earlier run. */
  readonly newestStored: EpochMs | null;
  readonly log: Log;
}

interface Pair {
  readonly wallMs: EpochMs;
  readonly monoMs: MonoMs;
}

type Confirmation = Pair & { readonly corrected: boolean };
type Listener = (pair: Confirmation) => Promise<void>;

const AGREEMENT: DurationMs = 2 * MINUTE;
/** NTP slews what is smaller; stepping by hand is rarely so fine. */
const SLEW: DurationMs = 2 * SECOND;

export class BelievedClock implements GatewayClock {
  readonly #clock: Clock;
  readonly #buildDate: EpochMs;
  readonly #newestStored: EpochMs | null;
  readonly #log: Log;
  readonly #listeners: Listener[] = [];
  readonly #confirmed = Promise.withResolvers<void>();
  #anchor: Pair | null = null;
  #offset: DurationMs = 0;
  #projecting = false;
  #confirmation: Confirmation | null = null;
  #confirmedBy: string | null = null;
  /** Bounds of wall minus monotonic while unconfirmed: apart, the wall clock was stepped under provisional readings. */
  #lowest = Infinity;
  #highest = -Infinity;

  constructor({ clock, buildDate, newestStored, log }: BelievedClockOptions) {
    this.#clock = clock;
    this.#buildDate = buildDate;
    this.#newestStored = newestStored;
    this.#log = log;
    this.#confirmed.promise.catch((error: unknown) => {
      log.error({ err: error }, 'what had to follow the confirmation of the clock failed');
    });
  }

  get state(): 'confirmed' | 'unconfirmed' | 'corrected' {
    this.now();
    if (this.#anchor === null) return 'unconfirmed';
    return this.#offset === 0 && !this.#projecting ? 'confirmed' : 'corrected';
  }

  get offsetMs(): DurationMs {
    const believed = this.now();
    if (this.#anchor === null) return 0;
    return this.#projecting ? believed - Math.round(this.#clock.wallMs()) : this.#offset;
  }

  get confirmedBy(): string | null {
    return this.#confirmedBy;
  }

  now(): EpochMs {
    const read = this.#read();
    if (this.#anchor === null) {
      this.#lowest = Math.min(this.#lowest, read.wallMs - read.monoMs);
      this.#highest = Math.max(this.#highest, read.wallMs - read.monoMs);
      return Math.round(read.wallMs);
    }
    const projected = project(this.#anchor, read.monoMs);
    const followed = read.wallMs + this.#offset;
    const step = followed - projected;
    if (Math.abs(step) <= SLEW) {
      if (this.#projecting) this.#log.info({}, 'the wall clock is back where it was');
      this.#projecting = false;
      this.#anchor = { wallMs: followed, monoMs: read.monoMs };
      return Math.round(followed);
    }
    if (!this.#projecting) this.#log.warn({ stepMs: Math.round(step) }, 'the wall clock was stepped; not believed yet');
    this.#projecting = true;
    return Math.round(projected);
  }

  monoMs(): MonoMs {
    return this.#clock.monoMs();
  }

  observeServerDate(sink: string, at: EpochMs, mono: MonoMs): void {
    if (at < this.#buildDate) {
      this.#log.warn({ sink, serverDate: iso(at) }, 'a server date before this program was built is not believed');
      return;
    }
    const believed = this.now();
    const read = this.#read();
    const wallThen = project(read, mono);
    const agrees = Math.abs(at - wallThen) <= AGREEMENT;
    if (this.#anchor === null) {
      if (agrees) this.#confirm(read, 0, sink);
      else this.#confirm({ wallMs: at, monoMs: mono }, Math.round(at - wallThen), sink);
      return;
    }
    const believedThen = believed - (read.monoMs - mono);
    const isCloser = Math.abs(at - wallThen) < Math.abs(at - believedThen);
    // Where both clocks say the same, a difference is only the answer's latency.
    const isSame = Math.abs(wallThen - believedThen) <= SLEW;
    if (agrees && (isCloser || isSame)) this.#adopt(read, sink);
    else if (Math.abs(at - believedThen) > AGREEMENT)
      this.#log.warn({ sink, differenceMs: Math.round(at - believedThen) }, 'a server date is not that of the clock');
  }

  /**
   * Time synchronisation says that the wall clock is right. False when that is not believed, because the wall clock is
   * before the build date or before what is stored: ask again later.
   */
  timeSynchronised(by: string): boolean {
    this.now();
    const read = this.#read();
    if (this.#isImpossible(read.wallMs)) {
      this.#log.warn({ by, wallClock: iso(read.wallMs) }, 'a synchronised clock that is in the past is not believed');
      return false;
    }
    if (this.#anchor === null) this.#confirm(read, 0, by);
    else this.#adopt(read, by);
    return true;
  }

  /** A listener that comes after the confirmation is called at once. One that rejects makes `confirmed()` reject. */
  onConfirmed(listener: Listener): void {
    this.#listeners.push(listener);
    if (this.#confirmation === null) return;
    listener(this.#confirmation).catch((error: unknown) => {
      this.#log.error({ err: error }, 'what had to follow the confirmation of the clock failed');
    });
  }

  /** An aborted signal resolves it too, as with `Clock.sleep`. */
  confirmed(signal?: AbortSignal): Promise<void> {
    const confirmed = this.#confirmed.promise;
    if (signal === undefined) return confirmed;
    if (signal.aborted) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const aborted = (): void => resolve();
      signal.addEventListener('abort', aborted, { once: true });
      confirmed.then(resolve, reject).finally(() => signal.removeEventListener('abort', aborted));
    });
  }

  #confirm(pair: Pair, offset: DurationMs, by: string): void {
    this.#anchor = pair;
    this.#offset = offset;
    this.#confirmedBy = by;
    const stepped = this.#highest - this.#lowest > SLEW;
    const corrected = offset !== 0 || stepped;
    this.#confirmation = { ...pair, wallMs: Math.round(pair.wallMs), corrected };
    this.#log.info({ by, offsetMs: offset }, offset === 0 ? 'the clock is confirmed' : 'the clock is corrected');
    const confirmation = this.#confirmation;
    Promise.all(this.#listeners.map(async (listener) => listener(confirmation))).then(
      () => this.#confirmed.resolve(),
      (error: unknown) => this.#confirmed.reject(error),
    );
  }

  #adopt(read: Pair, by: string): void {
    if (this.#offset === 0 && !this.#projecting) return;
    this.#log.info({ by }, 'the wall clock is believed again');
    this.#anchor = read;
    this.#offset = 0;
    this.#projecting = false;
    this.#confirmedBy = by;
  }

  /** Device times may be up to two minutes ahead when they are stored. */
  #isImpossible(wallMs: EpochMs): boolean {
    return wallMs < Math.max(this.#buildDate, (this.#newestStored ?? 0) - AGREEMENT);
  }

  #read(): Pair {
    return { wallMs: this.#clock.wallMs(), monoMs: this.#clock.monoMs() };
  }
}

function project(pair: Pair, monoMs: MonoMs): EpochMs {
  return pair.wallMs + (monoMs - pair.monoMs);
}

function iso(at: EpochMs): string {
  return Number.isFinite(at) && Math.abs(at) <= 8.64e15 ? new Date(at).toISOString() : String(at);
}
