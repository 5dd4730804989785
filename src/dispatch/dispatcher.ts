/**
 * Drains the queue to the sinks: per sink and route a live lane (newest closed minutes first) and a backlog lane (oldest first),
 * then dead letters to be retried, then replays. Policy is in pure files beside it; this one starts and stops.
 *
 * Invariants
 * - No reading is sent before the clock is confirmed and the first request, with health alone, was made.
 * - A claim ends settled or released; per lane at most one is being sent, and one waits behind it. Only the queue counts.
 * - A route's back-off, dead letters and late values are its own: another route never waits for it.
 * It does not know: wire formats, HTTP, SQL.
 */
import type { Problem } from '../model/problem.ts';
import { SECOND, type DurationMs } from '../model/time.ts';
import type { Clock } from '../platform/clock.ts';
import type { GatewayClock } from '../platform/gateway-clock.ts';
import type { Log } from '../platform/log.ts';
import type { Random } from '../platform/random.ts';
import type { Queue } from '../queue/queue.ts';
import type { HealthSample, Sink } from '../sinks/sink.ts';
import { SinkDispatch } from './sink-dispatch.ts';
import { Waits } from './waits.ts';

export interface DispatcherOptions {
  readonly queue: Queue;
  readonly sinks: readonly Sink[];
  readonly clock: GatewayClock;
  readonly machineClock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** The gateway's own health at this moment, at least one sample. */
  readonly health: () => Promise<readonly HealthSample[]>;
  /**
   * Resolves when readings may be sent, or when the signal is aborted. Until then they are only collected; time moves on in
   * the queue nevertheless, so that it stays within its bounds.
   */
  readonly mayDispatch?: (signal: AbortSignal) => Promise<void>;
}

const ADVANCE_EVERY: DurationMs = 5 * SECOND;

export class Dispatcher {
  readonly #options: DispatcherOptions;
  readonly #sinks: readonly SinkDispatch[];
  readonly #waits: Waits;
  readonly #stopping = new AbortController();
  readonly #aborting = new AbortController();
  #running: Promise<void> = Promise.resolve();
  #complaint = '';

  constructor(options: DispatcherOptions) {
    this.#options = options;
    this.#waits = new Waits(options.machineClock);
    this.#sinks = options.sinks.map((sink) => new SinkDispatch(sink, options, this.#waits));
  }

  /** The sinks must be registered with the queue by now. */
  start(): void {
    this.#running = this.#run();
  }

  /** Begins nothing new, gives requests in flight the first half of the time to end, then gives them up. */
  async stop(deadlineMs: DurationMs): Promise<void> {
    const { machineClock } = this.#options;
    this.#stopping.abort();
    const ended = new AbortController();
    const running = this.#running.finally(() => ended.abort());
    await Promise.race([running, machineClock.sleep(deadlineMs / 2, ended.signal)]);
    this.#aborting.abort();
    await Promise.race([running, machineClock.sleep(deadlineMs / 2, ended.signal)]);
    ended.abort();
  }

  /** Called after each append, with the number of values it stored. */
  wake(values: number): void {
    for (const sink of this.#sinks) sink.wake(values);
  }

  /** Another process asked for a replay, or for dead letters to be retried. */
  foreignChange(): void {
    for (const sink of this.#sinks) sink.ask();
  }

  /** For how long the longest of what is under way has brought nothing: beyond a few minutes it never will. */
  get stalledMs(): DurationMs {
    return this.#waits.longestMs;
  }

  /** What is wrong with the sinks right now. */
  problems(): Problem[] {
    return this.#sinks.flatMap((sink) => sink.problems());
  }

  async #run(): Promise<void> {
    await Promise.all([this.#advance(), this.#dispatch()]);
  }

  async #dispatch(): Promise<void> {
    const stop = { stopping: this.#stopping.signal, aborting: this.#aborting.signal };
    await this.#options.mayDispatch?.(stop.stopping);
    if (stop.stopping.aborted) return;
    await this.#restore();
    await Promise.all(this.#sinks.map((sink) => sink.run(stop)));
  }

  async #restore(): Promise<void> {
    const { queue, clock, log } = this.#options;
    try {
      const { state } = await queue.report(clock.now());
      for (const sink of this.#sinks) sink.restore(state);
    } catch (error) {
      log.error({ err: error }, 'what the last run left of the sinks could not be read; it is begun anew');
    }
    for (const sink of this.#sinks) sink.publish();
  }

  async #advance(): Promise<void> {
    const { clock, machineClock } = this.#options;
    const { signal } = this.#stopping;
    const confirmation = new AbortController();
    const confirmed = clock.confirmed(signal).then(
      () => confirmation.abort(),
      (error: unknown) => this.#complain(error),
    );
    while (!signal.aborted) {
      try {
        await this.#moveOn(confirmation.signal.aborted);
        this.#complaint = '';
      } catch (error) {
        this.#complain(error);
      }
      // The confirmation is not waited for when it has come, or it would end every pause.
      const wake = confirmation.signal.aborted ? signal : AbortSignal.any([signal, confirmation.signal]);
      await machineClock.sleep(ADVANCE_EVERY, wake);
    }
    await confirmed;
  }

  /** Space runs out whether or not anybody knows the time. */
  async #moveOn(timeIsKnown: boolean): Promise<void> {
    const { queue, clock } = this.#options;
    const nothing = { wentLate: 0, expired: 0 };
    const now = clock.now();
    const moved = timeIsKnown ? await queue.advance(now) : { ...nothing, ...(await queue.keepBounds(now)) };
    if (moved.wentLate > 0) for (const sink of this.#sinks) sink.stir();
    if (moved.wentLate + moved.expired + moved.evicted > 0) for (const sink of this.#sinks) await sink.recount();
  }

  /** Once, not every five seconds. */
  #complain(error: unknown): void {
    const message = error instanceof Error ? error.message : String(error);
    if (message === this.#complaint) return;
    this.#complaint = message;
    this.#options.log.error({ err: error }, 'the queue could not move on in time; it will be tried again');
  }
}
