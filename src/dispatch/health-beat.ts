/**
 * The gateway's own health on a sink's preferred route: the first request after a start, which teaches the clock; all there is
 * while the clock is unconfirmed; then once a minute, with live values or alone. No reading is sent before `greeted`.
 */
import { ItemTexts } from '../model/item-texts.ts';
import { MINUTE, SECOND, type DurationMs, type Minute } from '../model/time.ts';
import type { Clock } from '../platform/clock.ts';
import type { GatewayClock } from '../platform/gateway-clock.ts';
import type { Log } from '../platform/log.ts';
import type { HealthSample } from '../sinks/sink.ts';
import { Bell } from './bell.ts';
import type { RouteChannel } from './route-channel.ts';
import { healthMinute, untilHealthAlone } from './schedule.ts';
import type { StopSignals } from './stop-signals.ts';
import type { Waits } from './waits.ts';

export interface HealthBeatOptions {
  readonly channel: RouteChannel;
  readonly clock: GatewayClock;
  readonly machineClock: Clock;
  readonly waits: Waits;
  readonly health: () => Promise<readonly HealthSample[]>;
  readonly log: Log;
}

/** When it could not be told or was refused, but the route is not backing off either. */
const ASK_AGAIN: DurationMs = 15 * SECOND;

export class HealthBeat {
  readonly #channel: RouteChannel;
  readonly #clock: GatewayClock;
  readonly #health: () => Promise<readonly HealthSample[]>;
  readonly #log: Log;
  readonly #machineClock: Clock;
  readonly #waits: Waits;
  readonly #bell: Bell;
  readonly #greeted = Promise.withResolvers<void>();
  #hasGreeted = false;
  #confirmed = false;
  /** The gate knows no back-off for a body without readings. */
  #refused = false;
  #complaint = '';
  #last: Minute | null = null;

  constructor({ channel, clock, machineClock, waits, health, log }: HealthBeatOptions) {
    this.#channel = channel;
    this.#clock = clock;
    this.#health = health;
    this.#log = log;
    this.#machineClock = machineClock;
    this.#waits = waits;
    this.#bell = new Bell(machineClock);
  }

  /** Resolves when the first request, with nothing but health, has been answered or has failed. */
  get greeted(): Promise<void> {
    return this.#greeted.promise;
  }

  /** The clock is right by now: health goes by the minute. */
  confirmed(): void {
    this.#confirmed = true;
    this.#bell.ring();
  }

  /** Nobody has taken the health of this minute yet. */
  get due(): boolean {
    return healthMinute(this.#clock.now()) !== this.#last;
  }

  /** The health of this minute, if nobody has taken it yet; `giveBack` it when it could not be sent. */
  async take(): Promise<{ readonly minute: Minute; readonly samples: readonly HealthSample[] } | null> {
    if (!this.due) return null;
    const minute = healthMinute(this.#clock.now());
    const before = this.#last;
    this.#last = minute;
    try {
      return { minute, samples: await this.#health() };
    } catch (error) {
      this.#last = before;
      this.#complain(error);
      return null;
    }
  }

  giveBack(minute: Minute): void {
    if (this.#last === minute) this.#last = null;
  }

  async run({ stopping, aborting }: StopSignals): Promise<void> {
    while (!stopping.aborted) {
      const pass = await this.#channel.gate.enter(2, stopping);
      if (pass === null) return;
      try {
        // It may have gone with live values while this waited.
        if (!this.#confirmed || !this.#hasGreeted || this.#untilAlone() === 0) {
          this.#waits.begin(this);
          await this.#send(aborting).finally(() => this.#waits.end(this));
        }
      } catch (error) {
        this.#complain(error);
        await this.#machineClock.sleep(ASK_AGAIN, stopping);
      } finally {
        this.#channel.gate.leave(pass);
      }
      const waitMs = this.#untilNext();
      if (waitMs > 0) await this.#bell.wait(waitMs, stopping);
    }
  }

  #untilAlone(): DurationMs {
    return untilHealthAlone(this.#clock.now(), this.#last);
  }

  #untilNext(): DurationMs {
    if (!this.#hasGreeted || this.#refused) return ASK_AGAIN;
    const { state } = this.#channel.gate;
    // Of a failed attempt the gate itself makes the next one wait.
    if (state === 'retrying' || state === 'blocked') return this.#confirmed ? this.#untilAlone() : 0;
    return this.#confirmed ? this.#untilAlone() : MINUTE;
  }

  async #send(signal: AbortSignal): Promise<void> {
    this.#last = null;
    const health = await this.take();
    if (health === null) return;
    const outcome = await this.#channel.send(new ItemTexts(this.#channel.route.separator), {
      signal,
      health: health.samples,
    });
    this.#channel.tellCounts();
    this.#refused = outcome.kind === 'refused';
    if (outcome.kind !== 'accepted' && outcome.kind !== 'partial') this.giveBack(health.minute);
    this.#hasGreeted = true;
    this.#greeted.resolve();
  }

  /** Once, not at every attempt. */
  #complain(error: unknown): void {
    const message = error instanceof Error ? error.message : String(error);
    if (message === this.#complaint) return;
    this.#complaint = message;
    this.#log.warn({ err: error }, "the gateway's own health could not be sent");
  }
}
