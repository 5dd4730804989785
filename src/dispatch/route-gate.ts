/**
 * Whether a route may be used now; shared by its lanes.
 *
 * States
 * - idle: nothing was answered since the start. One attempt at a time.
 * - ok: the last answer was good. Everybody may send.
 * - retrying: heals by itself. One attempt at a time, none before the back-off is over.
 * - blocked: a person must act. As retrying; a changed secret ends the back-off.
 * All waiting is on the monotonic clock. An answer to a request from before a failure does not undo it.
 */
import type { Blocked, Retry } from '../model/outcome.ts';
import type { DurationMs, EpochMs, MonoMs } from '../model/time.ts';
import type { Clock } from '../platform/clock.ts';
import type { Random } from '../platform/random.ts';
import { backoff, backoffRefusing } from './backoff.ts';
import { Bell } from './bell.ts';
import { hintOf, REFUSING_HINT } from './hints.ts';

export type GateState = 'idle' | 'ok' | 'retrying' | 'blocked';

export interface GateError {
  readonly at: EpochMs;
  readonly status: number | null;
  readonly message: string;
}

/** Who goes first when only one may: fresh values, then older ones, then the gateway's health. */
export type Rank = 0 | 1 | 2;

/** Permission to send; given back with `leave`. */
export interface Pass {
  readonly probe: boolean;
}

interface Waiter {
  readonly rank: Rank;
}

export interface GateOptions {
  readonly machineClock: Clock;
  readonly now: () => EpochMs;
  readonly random: Random;
  readonly onChange: () => void;
}

export class RouteGate {
  readonly #clock: Clock;
  readonly #now: () => EpochMs;
  readonly #random: Random;
  readonly #onChange: () => void;
  readonly #bell: Bell;
  readonly #waiters: Waiter[] = [];
  #state: GateState = 'idle';
  #refusing = false;
  #retryAfter = false;
  #failures = 0;
  #failedMono: MonoMs = -Infinity;
  #nextMono: MonoMs = -Infinity;
  #nextAttemptAt: EpochMs | null = null;
  #probe: Pass | null = null;
  #lastError: GateError | null = null;
  #hint: string | null = null;

  constructor({ machineClock, now, random, onChange }: GateOptions) {
    this.#clock = machineClock;
    this.#now = now;
    this.#random = random;
    this.#onChange = onChange;
    this.#bell = new Bell(machineClock);
  }

  get state(): GateState {
    return this.#state;
  }

  get lastError(): GateError | null {
    return this.#lastError;
  }

  get hint(): string | null {
    return this.#hint;
  }

  /** By the clock of the moment it was decided; null when nothing failed. */
  get nextAttemptAt(): EpochMs | null {
    return this.#nextAttemptAt;
  }

  /** The server itself named the time of the next attempt. */
  get retryAfter(): boolean {
    return this.#retryAfter;
  }

  /** Takes up a `Retry-After` that still runs, from before a restart. */
  restore(lastError: GateError, remainingMs: DurationMs): void {
    this.#state = 'retrying';
    this.#lastError = lastError;
    this.#retryAfter = true;
    this.#failures = 1;
    this.#wait(this.#clock.monoMs() + remainingMs);
  }

  /** Waits until the caller may send; null when the signal is aborted. */
  async enter(rank: Rank, signal: AbortSignal): Promise<Pass | null> {
    const me: Waiter = { rank };
    this.#waiters.push(me);
    try {
      while (!signal.aborted) {
        if (this.#state === 'ok') return { probe: false };
        const waitMs = this.#nextMono - this.#clock.monoMs();
        if (waitMs <= 0 && this.#probe === null && this.#isFirst(me)) {
          this.#probe = { probe: true };
          return this.#probe;
        }
        await this.#bell.wait(waitMs > 0 ? waitMs : Infinity, signal);
      }
      return null;
    } finally {
      this.#waiters.splice(this.#waiters.indexOf(me), 1);
      this.#bell.ring();
    }
  }

  leave(pass: Pass): void {
    if (this.#probe === pass) this.#probe = null;
    this.#bell.ring();
  }

  /** Whether who holds the pass may send another request. */
  mayContinue(pass: Pass): boolean {
    return this.#state === 'ok' || this.#probe === pass;
  }

  /** The server took something that was sent at `sentMono`; `health` alone does not end its refusing of readings. */
  worked(sentMono: MonoMs, what: 'items' | 'health'): void {
    if (this.#state === 'ok' || sentMono < this.#failedMono || (this.#refusing && what === 'health')) return;
    this.#refusing = false;
    this.#retryAfter = false;
    this.#failures = 0;
    this.#nextMono = -Infinity;
    this.#nextAttemptAt = null;
    this.#lastError = null;
    this.#hint = null;
    this.#change('ok');
  }

  /** Of several requests that were on their way together the first to fail counts, the others only say why. */
  failed(outcome: Retry | Blocked, sentMono: MonoMs): void {
    const named = outcome.kind === 'retry' && outcome.retryAfterMs !== undefined;
    const together = sentMono < this.#failedMono;
    const state = outcome.kind === 'retry' ? 'retrying' : 'blocked';
    this.#fail(state, outcome.status ?? null, outcome.message, together);
    const next = this.#failedMono + backoff(outcome, this.#failures, this.#random);
    // Two requests may be under way: the other one's answer does not shorten what the server has asked for.
    this.#wait(this.#retryAfter && !named ? Math.max(this.#nextMono, next) : next);
    this.#retryAfter = named || (this.#retryAfter && this.#nextMono > next);
    this.#refusing = false;
    this.#hint = hintOf(outcome);
    this.#change(this.#state);
  }

  /** It answers, but refuses every body it is sent. */
  refusing(status: number | null, message: string): void {
    this.#fail('blocked', status, message, false);
    this.#wait(this.#failedMono + backoffRefusing(this.#failures));
    this.#retryAfter = false;
    this.#refusing = true;
    this.#hint = REFUSING_HINT;
    this.#change('blocked');
  }

  /** A secret has changed: what was blocked is tried at once. */
  tryNow(): void {
    if (this.#state !== 'blocked') return;
    this.#wait(this.#clock.monoMs());
    this.#change('blocked');
  }

  #isFirst(me: Waiter): boolean {
    const best = this.#waiters.reduce((a, b) => (b.rank < a.rank ? b : a), me);
    return best.rank === me.rank;
  }

  #fail(state: GateState, status: number | null, message: string, together: boolean): void {
    if (this.#state !== state) this.#failures = 1;
    else if (!together) this.#failures++;
    this.#state = state;
    this.#failedMono = this.#clock.monoMs();
    this.#lastError = { at: this.#now(), status, message };
  }

  #wait(nextMono: MonoMs): void {
    this.#nextMono = nextMono;
    this.#nextAttemptAt = Math.round(this.#now() + nextMono - this.#clock.monoMs());
  }

  #change(state: GateState): void {
    this.#state = state;
    this.#onChange();
    this.#bell.ring();
  }
}
