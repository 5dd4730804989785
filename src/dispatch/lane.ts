/**
 * One lane of one route: waits until something may be due, claims, encodes, sends, settles. One batch at a time, of a few requests;
 * of a backlog the next one is claimed while one is sent, and nothing of it is sent before that one's settle is durable.
 *
 * Whatever goes wrong on our side is logged once, claims are given back, and the lane tries again.
 */
import { ItemTexts } from '../model/item-texts.ts';
import type { Outcome } from '../model/outcome.ts';
import { SECOND, type DurationMs, type Minute, type MonoMs } from '../model/time.ts';
import type { Clock } from '../platform/clock.ts';
import type { GatewayClock } from '../platform/gateway-clock.ts';
import type { Log } from '../platform/log.ts';
import type { Claim, ClaimRequest, Lane as LaneName, Queue } from '../queue/queue.ts';
import { Bell } from './bell.ts';
import { Bisect } from './bisect.ts';
import { batchItems } from './cut.ts';
import { FoldSpace } from './fold.ts';
import type { HealthBeat } from './health-beat.ts';
import { inTurn } from './in-turn.ts';
import { itemsOf } from './items.ts';
import type { RouteChannel } from './route-channel.ts';
import type { Pass } from './route-gate.ts';
import { countedAs, untilLook, untilNextDue, windowAt } from './schedule.ts';
import { sendBatch } from './send-batch.ts';
import { settlementOf } from './settlement.ts';
import { Settling } from './settling.ts';
import type { StopSignals } from './stop-signals.ts';
import type { Waits } from './waits.ts';

export interface LaneOptions {
  readonly lane: 'live' | 'backlog';
  readonly channel: RouteChannel;
  readonly queue: Queue;
  readonly clock: GatewayClock;
  readonly machineClock: Clock;
  readonly waits: Waits;
  readonly log: Log;
  /** Rides along with live batches. */
  readonly beat: HealthBeat | null;
  /** Whether nothing fresher is being sent, so that retries and replays may be. */
  readonly mayRunAsides: () => boolean;
  /** The lane found nothing more to send. */
  readonly onIdle: () => void;
  /** What was owed here may be owed on another route by now: values that became too old, the rest of a replay. */
  readonly onHandedOver: () => void;
}

const ASIDES: readonly LaneName[] = ['retry', 'replay'];
/** Requests of a backlog on their way, as long as all are accepted: one is answered while the next one is on the line. */
const AT_ONCE = 2;
const AFTER_ERROR: DurationMs = 5 * SECOND;

export class Lane {
  readonly #options: LaneOptions;
  readonly #bell: Bell;
  readonly #settling: Settling;
  readonly #space = new FoldSpace();
  readonly #texts: readonly ItemTexts[];
  #fresh = 0;
  #more = false;
  #stirred = true;
  #asked = true;
  #active = false;
  #handsOver = false;
  #sentMono: MonoMs = -Infinity;
  #emptyMono: MonoMs = -Infinity;
  #lookedFor: Minute | null = null;
  #claim: number | null = null;
  /** The next batch; while another one is sent it may not be there yet. */
  #ahead: Promise<Claim | null> | null = null;
  #complaint = '';

  constructor(options: LaneOptions) {
    this.#options = options;
    this.#bell = new Bell(options.machineClock);
    this.#settling = new Settling(options.queue, () => this.stir());
    const { separator } = options.channel.route;
    this.#texts = Array.from({ length: AT_ONCE + 1 }, () => new ItemTexts(separator));
  }

  /** It holds a batch, or has more to send. */
  get active(): boolean {
    return this.#active;
  }

  /** Values were stored. */
  wake(values: number): void {
    this.#fresh += values;
    this.#bell.ring();
  }

  /** Something other than an append may have made a value due. */
  stir(): void {
    this.#stirred = true;
    this.#bell.ring();
  }

  /** Retries or replays may have been asked for. */
  ask(): void {
    this.#asked = true;
    this.stir();
  }

  /** Fresher lanes are idle: what was asked for may be looked at now. */
  resumeAsides(): void {
    if (this.#asked) this.stir();
  }

  async run(stop: StopSignals): Promise<void> {
    const { channel, lane, machineClock, waits } = this.#options;
    while (!stop.stopping.aborted) {
      const waitMs = this.#untilLook();
      if (waitMs > 0) {
        await this.#bell.wait(waitMs, stop.stopping);
        continue;
      }
      const pass = await channel.gate.enter(lane === 'live' ? 0 : 1, stop.stopping);
      if (pass === null) break;
      let failed = false;
      waits.begin(this);
      try {
        await this.#turn(pass, stop);
        this.#complaint = '';
      } catch (error) {
        failed = true;
        await this.#recover(error);
      } finally {
        waits.end(this);
        channel.gate.leave(pass);
      }
      if (failed) await machineClock.sleep(AFTER_ERROR, stop.stopping);
    }
    await this.#orComplain(() => this.#settling.done());
  }

  #untilLook(): DurationMs {
    const { channel, clock, machineClock, lane } = this.#options;
    const now = clock.now();
    const mono = machineClock.monoMs();
    const ticked = windowAt(now, channel.window).dueBefore !== this.#lookedFor;
    const waitMs = untilLook({
      lane,
      flushMs: channel.sink.flushMs,
      maxItems: channel.route.maxItems,
      fresh: this.#fresh,
      more: this.#more,
      stirred: this.#stirred || ticked,
      sinceSentMs: mono - this.#sentMono,
      sinceEmptyMs: mono - this.#emptyMono,
    });
    return waitMs === 0 ? 0 : Math.min(waitMs, Math.max(1, untilNextDue(now)));
  }

  async #turn(pass: Pass, stop: StopSignals): Promise<void> {
    const { lane, machineClock, mayRunAsides, onHandedOver } = this.#options;
    this.#fresh = 0;
    this.#stirred = false;
    this.#more = false;
    this.#active = true;
    await this.#settling.again((claim) => (this.#claim = claim));
    let claim = await this.#next([lane], pass);
    if (claim !== null) {
      while (claim !== null) claim = await this.#deliver(claim, lane, pass, stop);
      return;
    }
    if (lane === 'backlog' && this.#asked && mayRunAsides()) {
      this.#asked = false;
      const aside = await this.#next(ASIDES, pass);
      if (aside !== null) {
        this.#asked = true;
        await this.#deliver(aside, 'retry', pass, stop);
        return;
      }
    }
    // Only now: the claims above have made the queue commit what was settled before.
    if (this.#handsOver) onHandedOver();
    this.#handsOver = false;
    this.#emptyMono = machineClock.monoMs();
    this.#drained();
  }

  /** The first claim of these lanes. */
  async #next(lanes: readonly LaneName[], pass: Pass): Promise<Claim | null> {
    const { channel, queue, clock } = this.#options;
    for (const lane of lanes) {
      const { dueBefore } = windowAt(clock.now(), channel.window);
      // A new minute is a good moment to ask again, should a notice of another process have been lost.
      if (dueBefore !== this.#lookedFor) this.#asked = true;
      this.#lookedFor = dueBefore;
      const claim = await queue.claim(this.#request(lane, pass));
      this.#claim = claim?.id ?? null;
      await this.#settling.done();
      if (claim !== null) return claim;
    }
    return null;
  }

  #request(lane: LaneName, { probe }: Pass): ClaimRequest {
    const { channel, clock } = this.#options;
    const { sink, route, window } = channel;
    const count = countedAs(route, sink.resolution);
    const maxItems = batchItems(route.maxItems, count, probe);
    return { sink: sink.name, route: route.name, lane, ...windowAt(clock.now(), window), maxItems, count };
  }

  /** Sends a batch and settles it; the next one, if it has been claimed meanwhile. */
  async #deliver(claim: Claim, lane: LaneName, pass: Pass, stop: StopSignals): Promise<Claim | null> {
    const { channel, clock, machineClock, waits, beat, queue } = this.#options;
    const { route, gate, doubts } = channel;
    channel.setWaiting(true);
    this.#claim = claim.id;
    // Of fresh values the next batch is whatever is the freshest by then.
    if (lane === 'backlog' && claim.more && !pass.probe) this.#claimAhead(claim.id, pass);
    const items = await inTurn(machineClock, () =>
      itemsOf(claim.readings, route, channel.sink.resolution, this.#space),
    );
    const bisect = new Bisect(items, route, doubts, this.#texts);
    await inTurn(machineClock, () => bisect.prepare());
    await this.#settling.done();
    const health = lane === 'live' && beat?.due === true ? await beat.take() : null;
    const answer = await sendBatch(bisect, {
      channel,
      atOnce: lane === 'live' || pass.probe || channel.isSlow ? 1 : AT_ONCE,
      health: health?.samples ?? null,
      signal: stop.aborting,
      mayContinue: () => !stop.stopping.aborted && gate.mayContinue(pass),
      clock: machineClock,
      now: () => clock.now(),
      onAnswer: ({ kind }, hadHealth) => {
        waits.begin(this);
        if (kind === 'accepted' || kind === 'partial') this.#sentMono = machineClock.monoMs();
        else if (hadHealth && health !== null) beat?.giveBack(health.minute);
      },
    });
    channel.tellCounts();
    const settlement = settlementOf(claim.id, items, bisect.fates, bisect.reasons, clock.now());
    if (bisect.ended) this.#judge(answer, bisect.stuck || settlement.readings === 0);
    const whole = settlement.readings === claim.readings.length;
    this.#more = claim.more || !whole;
    if (settlement.readings > 0) this.#settling.settle(settlement);
    else await queue.release(claim.id);
    this.#claim = null;
    this.#active = this.#more;
    if (settlement.tooOld.length > 0 || claim.replay !== null) {
      this.#handsOver = true;
      this.#stirred = true;
    }
    if (!this.#more) this.#drained();
    return await this.#takeAhead(whole && !stop.stopping.aborted && gate.mayContinue(pass));
  }

  #claimAhead(behind: number, pass: Pass): void {
    this.#ahead = this.#options.queue.claim({ ...this.#request('backlog', pass), behind });
    // Whoever takes it hears of its failure.
    this.#ahead.catch(() => undefined);
  }

  /** What was claimed ahead, if it may be sent now; else it is given back. A new minute is a reason to look again at what is due. */
  async #takeAhead(mayBeSent: boolean): Promise<Claim | null> {
    const { queue, clock, channel } = this.#options;
    const ahead = this.#ahead;
    if (ahead === null) return null;
    this.#ahead = null;
    if (mayBeSent) this.#settling.commit();
    const claim = await ahead;
    if (claim === null) return null;
    if (mayBeSent && windowAt(clock.now(), channel.window).dueBefore === this.#lookedFor) return claim;
    await queue.release(claim.id);
    return null;
  }

  #drained(): void {
    const { lane, channel, onIdle } = this.#options;
    this.#active = false;
    if (lane === 'backlog') {
      channel.setWaiting(false);
      this.resumeAsides();
    }
    onIdle();
  }

  /** What a batch that ended by itself says about the route; retry and blocked have been told already. */
  #judge(answer: Outcome | null, fruitless: boolean): void {
    const { gate } = this.#options.channel;
    if (answer?.kind !== 'refused' && answer?.kind !== 'partial') return;
    const text = answer.kind === 'refused' ? answer.message : answer.refused[0]?.message;
    if (fruitless) gate.refusing(answer.status ?? null, text ?? 'it refuses everything');
    else gate.worked(this.#options.machineClock.monoMs(), 'items');
  }

  async #recover(error: unknown): Promise<void> {
    this.#complain(error);
    this.#stirred = true;
    this.#active = false;
    const claim = this.#claim;
    this.#claim = null;
    await this.#orComplain(() => this.#takeAhead(false));
    if (claim !== null) await this.#orComplain(() => this.#options.queue.release(claim));
  }

  async #orComplain(step: () => Promise<unknown>): Promise<void> {
    try {
      await step();
    } catch (error) {
      this.#complain(error);
    }
  }

  #complain(error: unknown): void {
    const message = error instanceof Error ? error.message : String(error);
    if (message === this.#complaint) return;
    this.#complaint = message;
    const { channel, lane, log } = this.#options;
    log.error({ err: error, route: channel.route.name, lane }, 'a batch could not be handled; nothing is lost');
  }
}
