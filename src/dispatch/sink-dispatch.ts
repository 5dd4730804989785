import type { Problem } from '../model/problem.ts';
import { SECOND, type DurationMs } from '../model/time.ts';
import type { Sink } from '../sinks/sink.ts';
import type { QueueReport } from '../queue/queue.ts';
import type { DispatcherOptions } from './dispatcher.ts';
import { HealthBeat } from './health-beat.ts';
import { Lane } from './lane.ts';
import { RouteChannel } from './route-channel.ts';
import type { GateState } from './route-gate.ts';
import { SinkBoard } from './sink-board.ts';
import { storedCounters, storedRetryAfter } from './state-documents.ts';
import type { StopSignals } from './stop-signals.ts';
import { Tally } from './tally.ts';
import type { Waits } from './waits.ts';

const LOOK_AT_SECRETS: DurationMs = 2 * SECOND;

/** Everything that is sent to one sink: its routes, their lanes, its health. */
export class SinkDispatch {
  readonly #sink: Sink;
  readonly #options: DispatcherOptions;
  readonly #waits: Waits;
  readonly #tally = new Tally();
  readonly #channels: readonly RouteChannel[];
  readonly #board: SinkBoard;
  readonly #beat: HealthBeat | null;
  readonly #lanes: readonly Lane[];
  readonly #states = new Map<RouteChannel, GateState>();

  constructor(sink: Sink, options: DispatcherOptions, waits: Waits) {
    this.#sink = sink;
    this.#options = options;
    this.#waits = waits;
    const { clock, machineClock, random, queue, health } = options;
    const log = options.log.child({ sink: sink.name });
    const onChange = (): void => this.#changed();
    this.#channels = sink.routes.map(
      (route) => new RouteChannel({ sink, route, tally: this.#tally, clock, machineClock, random, log, onChange }),
    );
    this.#board = new SinkBoard(sink, this.#channels, this.#tally, queue);
    const [preferred] = this.#channels;
    this.#beat =
      preferred === undefined ? null : new HealthBeat({ channel: preferred, clock, machineClock, waits, health, log });
    this.#lanes = this.#channels.flatMap((channel) => this.#lanesOf(channel));
  }

  problems(): Problem[] {
    return this.#board.problems();
  }

  /** Takes up what the last run left. */
  restore(state: QueueReport['state']): void {
    const counters = storedCounters(state, this.#sink.name);
    if (counters !== null) this.#tally.restore(counters);
    const now = this.#options.clock.now();
    for (const { gate, route } of this.#channels) {
      const wait = storedRetryAfter(state, this.#sink.name, route.name, now);
      if (wait !== null) gate.restore(wait.lastError, wait.remainingMs);
    }
  }

  /** Shows its state, so that `status` is right before anything was sent. */
  publish(): void {
    this.#board.publish();
  }

  /** Ends when everything has stopped. */
  async run(stop: StopSignals): Promise<void> {
    if (this.#beat === null) return;
    await Promise.all([this.#beat.run(stop), this.#runLanes(this.#beat, stop), this.#watchSecrets(stop.stopping)]);
  }

  wake(values: number): void {
    for (const lane of this.#lanes) lane.wake(values);
  }

  stir(): void {
    for (const lane of this.#lanes) lane.stir();
  }

  ask(): void {
    for (const lane of this.#lanes) lane.ask();
  }

  /** Corrects what is known to wait, after time moved values between routes. */
  async recount(): Promise<void> {
    if (!this.#channels.some((c) => !c.preferred && c.waiting && c.gate.state !== 'ok')) return;
    const report = await this.#options.queue.report(this.#options.clock.now());
    const routes = report.sinks.find(({ name }) => name === this.#sink.name)?.routes ?? [];
    for (const channel of this.#channels) {
      const pending = routes.find(({ name }) => name === channel.route.name)?.pendingValues;
      if (!channel.preferred && pending !== undefined) channel.setWaiting(pending > 0);
    }
  }

  #lanesOf(channel: RouteChannel): Lane[] {
    const { queue, clock, machineClock } = this.#options;
    const log = this.#options.log.child({ sink: this.#sink.name });
    const waits = this.#waits;
    const common = { channel, queue, clock, machineClock, waits, log, onHandedOver: () => this.ask() };
    const live = channel.preferred
      ? new Lane({
          ...common,
          lane: 'live',
          beat: this.#beat,
          mayRunAsides: () => false,
          onIdle: () => backlog.resumeAsides(),
        })
      : null;
    const backlog = new Lane({
      ...common,
      lane: 'backlog',
      beat: null,
      mayRunAsides: () => live === null || !live.active,
      onIdle: () => undefined,
    });
    return live === null ? [backlog] : [live, backlog];
  }

  async #runLanes(beat: HealthBeat, stop: StopSignals): Promise<void> {
    const { clock, log } = this.#options;
    await Promise.race([beat.greeted, aborted(stop.stopping)]);
    try {
      await clock.confirmed(stop.stopping);
    } catch (error) {
      log.error({ err: error, sink: this.#sink.name }, 'no reading is sent: their times could not be fixed');
      return;
    }
    if (stop.stopping.aborted) return;
    beat.confirmed();
    await Promise.all(this.#lanes.map((lane) => lane.run(stop)));
  }

  async #watchSecrets(stopping: AbortSignal): Promise<void> {
    const { machineClock, log } = this.#options;
    while (!stopping.aborted) {
      await machineClock.sleep(LOOK_AT_SECRETS, stopping);
      if (stopping.aborted || !this.#channels.some(({ gate }) => gate.state === 'blocked')) continue;
      if (!this.#sink.credentialsChanged()) continue;
      log.info({ sink: this.#sink.name }, 'a secret has changed: trying again now');
      for (const { gate } of this.#channels) gate.tryNow();
    }
  }

  #changed(): void {
    this.#board.publish();
    for (const channel of this.#channels) {
      const { state, lastError } = channel.gate;
      if (this.#states.get(channel) === state) continue;
      this.#states.set(channel, state);
      const fields = { sink: this.#sink.name, route: channel.route.name, status: lastError?.status ?? undefined };
      const text = lastError?.message ?? '';
      if (state === 'blocked') this.#options.log.error(fields, `blocked, everything is kept: ${text}`);
      else if (state === 'retrying') this.#options.log.warn(fields, `will be tried again: ${text}`);
      else if (state === 'ok') this.#options.log.info(fields, 'accepts what is sent');
    }
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
