import type { ItemTexts } from '../model/item-texts.ts';
import type { Accepted, Outcome } from '../model/outcome.ts';
import { SECOND, type DurationMs, type MonoMs } from '../model/time.ts';
import type { Clock } from '../platform/clock.ts';
import type { GatewayClock } from '../platform/gateway-clock.ts';
import type { Log } from '../platform/log.ts';
import type { Random } from '../platform/random.ts';
import type { Route, SendOptions, Sink } from '../sinks/sink.ts';
import { attempt, type Attempted } from './attempt.ts';
import { Doubts } from './doubts.ts';
import { RouteGate } from './route-gate.ts';
import type { WindowOf } from './schedule.ts';
import type { Tally } from './tally.ts';

/** So often what was sent is told during a batch. */
const TELL_EVERY: DurationMs = 1 * SECOND;

/** Two requests would share a line on which one takes so long, and each need twice as much of the time it has. */
const SLOW: DurationMs = 10 * SECOND;

export interface ChannelOptions {
  readonly sink: Sink;
  readonly route: Route;
  readonly tally: Tally;
  readonly clock: GatewayClock;
  readonly machineClock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly onChange: () => void;
}

/** A route with what its lanes share. Every request goes through `send`, so that every answer teaches clock, gate and counts. */
export class RouteChannel {
  readonly sink: Sink;
  readonly route: Route;
  readonly gate: RouteGate;
  readonly doubts = new Doubts();
  readonly window: WindowOf;
  /** Whether values were seen to wait for this route. */
  waiting = false;
  readonly #tally: Tally;
  readonly #clock: GatewayClock;
  readonly #machineClock: Clock;
  readonly #log: Log;
  readonly #onChange: () => void;
  #complaint = '';
  #miscounts = false;
  #toldMono: MonoMs = -Infinity;
  #tookMs: DurationMs = 0;

  constructor({ sink, route, tally, clock, machineClock, random, log, onChange }: ChannelOptions) {
    this.sink = sink;
    this.route = route;
    this.window = { route, resolution: sink.resolution, preferred: route === sink.routes[0] };
    this.gate = new RouteGate({ machineClock, now: () => clock.now(), random, onChange });
    this.#tally = tally;
    this.#clock = clock;
    this.#machineClock = machineClock;
    this.#log = log;
    this.#onChange = onChange;
  }

  get preferred(): boolean {
    return this.window.preferred;
  }

  /** The last request took so long that nothing should be sent beside one. */
  get isSlow(): boolean {
    return this.#tookMs >= SLOW;
  }

  async send(texts: ItemTexts, options: SendOptions): Promise<Outcome> {
    const { outcome, sentMono, receivedMono } = await this.#attempt(texts, options);
    this.#tookMs = receivedMono - sentMono;
    if (outcome.serverDate !== undefined)
      this.#clock.observeServerDate(this.sink.name, outcome.serverDate, (sentMono + receivedMono) / 2);
    this.#tally.count(outcome, texts.length, this.#clock.now());
    if (outcome.kind === 'accepted' || (outcome.kind === 'partial' && storedSome(outcome, texts.length)))
      this.gate.worked(sentMono, texts.length > 0 ? 'items' : 'health');
    // A request that we gave up ourselves says nothing about the server.
    else if (outcome.kind === 'blocked' || (outcome.kind === 'retry' && !options.signal.aborted))
      this.gate.failed(outcome, sentMono);
    if (outcome.kind === 'accepted') this.#compareCounts(outcome, texts.length);
    if (receivedMono - this.#toldMono >= TELL_EVERY) this.tellCounts();
    return outcome;
  }

  /** Sending them again could not tell which they are. Said once, until the counts agree again. */
  #compareCounts({ uncounted = 0 }: Accepted, sent: number): void {
    if (sent === 0) return;
    if (uncounted > 0 && !this.#miscounts)
      this.#log.warn({ route: this.route.name, sent, uncounted }, 'accepted, but the sink counts fewer than were sent');
    this.#miscounts = uncounted > 0;
  }

  /**
   * A sink that throws has a mistake in it, which one item may bring about: as one refused, that is found and set apart. While
   * every item does so the route is blocked, and says why.
   */
  async #attempt(texts: ItemTexts, options: SendOptions): Promise<Attempted> {
    const startedMono = this.#machineClock.monoMs();
    try {
      return await attempt(this.route, texts, options, this.#machineClock);
    } catch (error) {
      const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
      if (text !== this.#complaint)
        this.#log.error({ err: error, route: this.route.name }, 'a request could not be made');
      this.#complaint = text;
      const outcome: Outcome = { kind: 'refused', tryIdentity: false, message: `not sent: ${text}`, bytesSent: 0 };
      return { outcome, sentMono: startedMono, receivedMono: this.#machineClock.monoMs() };
    }
  }

  /** While requests follow each other this is worth more than one of them; whoever has sent the last of some calls it. */
  tellCounts(): void {
    this.#toldMono = this.#machineClock.monoMs();
    this.#onChange();
  }

  setWaiting(waiting: boolean): void {
    if (this.waiting === waiting) return;
    this.waiting = waiting;
    this.#onChange();
  }
}

function storedSome(outcome: Outcome & { kind: 'partial' }, sent: number): boolean {
  return sent === 0 || outcome.refused.length + outcome.unlisted < sent;
}
