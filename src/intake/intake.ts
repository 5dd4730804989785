/**
 * The intake: turns payloads into readings or refusals and commits them in groups. A promise of `accept` resolves when
 * what came of the payload is on disk.
 *
 * Invariants
 * - At most one append is in flight; what gathers meanwhile goes with the next.
 * - Every message ends in exactly one committed append, as a reading or in a count. If an append is rejected nothing of it
 *   is counted: messages of QoS 1 and 2 are rejected, and counted when the broker brings them again; those of QoS 0 and
 *   the counts of `drop`, which nobody brings again, stay for the next append, their promises pending.
 * - Memory is bounded by the sources: none gives more than its bound before the promises it holds have resolved.
 *
 * It does not know protocols, and decides nothing about what is owed to whom.
 */
import type { Decoded } from '../devices/profile.ts';
import type { Problem } from '../model/problem.ts';
import type { DurationMs, MonoMs } from '../model/time.ts';
import type { Clock } from '../platform/clock.ts';
import type { GatewayClock } from '../platform/gateway-clock.ts';
import type { Log } from '../platform/log.ts';
import type { Appended, Queue } from '../queue/queue.ts';
import type { Inlet, Payload } from '../sources/source.ts';
import { draftAppend } from './append-draft.ts';
import { backOffMs } from './back-off.ts';
import { ClockOffsets } from './clock-offsets.ts';
import { DeviceStates, type DeviceState } from './device-states.ts';
import type { TrustTime } from './device-time.ts';
import { Group } from './group.ts';
import { Judge, type JudgeOptions } from './judge.ts';
import { Keep, type KeptReading } from './kept-reading.ts';
import type { Origination } from './message.ts';
import { Pace } from './pace.ts';
import { Site } from './site.ts';
import type { WatchedSite } from './site-gaps.ts';

export interface IntakeOptions {
  readonly queue: Pick<Queue, 'append'>;
  /** Tells the time of readings. */
  readonly clock: GatewayClock;
  /** Runs linger and back-off. */
  readonly machineClock: Clock;
  /** The devices from which more is derived; null: nothing is. */
  readonly site: WatchedSite | null;
  /** The longest a message waits for company. */
  readonly lingerMs: DurationMs;
  readonly log: Log;
  /** Called with the number of values that were stored: at once, and where appends follow each other ten times a second. */
  readonly onAppended: (values: number) => void;
}

/** How one source's payloads become readings. */
export interface InletOptions extends JudgeOptions {
  /** The source's name. */
  readonly name: string;
  readonly trustTime: TrustTime;
  /** See `Source.window`; asked anew each time. */
  readonly window: () => number | null;
}

/** A group so large is committed without waiting on, whatever the window: half of what a source may hold uncommitted. */
const LARGEST_GROUP = 512;

const TELL_EVERY: DurationMs = 100;

const NONE: readonly KeptReading[] = [];

export class Intake {
  readonly #options: IntakeOptions;
  readonly #site: Site | null;
  readonly #sources = new Map<string, Origination>();
  #group = new Group();
  #inFlight: Promise<void> | null = null;
  #alarm: AbortController | null = null;
  #alarmMono: MonoMs = Number.POSITIVE_INFINITY;
  #notBeforeMono: MonoMs = Number.NEGATIVE_INFINITY;
  /** Values stored of which nobody was told. */
  #untold = 0;
  #toldMono: MonoMs = Number.NEGATIVE_INFINITY;
  #failures = 0;
  #failure: string | null = null;
  #stopped = false;

  constructor(options: IntakeOptions) {
    this.#options = options;
    this.#site = options.site === null ? null : new Site(options.site);
  }

  /** Where a source puts its payloads. Each source has one inlet. */
  inlet(options: InletOptions): Inlet {
    const { name, trustTime, window } = options;
    const from: Origination = {
      source: name,
      trustTime,
      window,
      pace: new Pace(this.#options.lingerMs),
      offsets: new ClockOffsets(),
      states: new DeviceStates(options.profile),
      keep: new Keep(name),
    };
    this.#sources.set(name, from);
    const judge = new Judge(options, this.#options.log);
    return {
      accept: (payload) => this.#accept(from, payload, judge.judge(payload.topic, payload.bytes)),
      refuse: (payload, reason) => this.#accept(from, payload, { kind: 'refused', reason }),
      drop: (topic, reason) => this.#drop(from, topic, reason),
    };
  }

  /** Why appends fail at present; null while they succeed. */
  get failure(): string | null {
    return this.#failure;
  }

  /** What is wrong with a source's devices as far as their readings show it: clocks that are steadily off. */
  problems(source: string): Problem[] {
    const from = this.#sources.get(source);
    return from === undefined ? [] : from.offsets.problems(from.trustTime);
  }

  /** What cannot be right about the powers of the site together. */
  siteProblems(): Problem[] {
    return this.#site?.problems(this.#options.machineClock.monoMs()) ?? [];
  }

  /** The states in which a source's devices are, as far as their readings tell it. */
  devices(source: string): DeviceState[] {
    return this.#sources.get(source)?.states.list() ?? [];
  }

  /** Resolves when all that was accepted before the call was committed or its append failed. Never rejects. */
  async flush(): Promise<void> {
    const group = this.#group;
    while (this.#inFlight !== null && this.#group === group) await this.#inFlight;
    if (this.#group === group && !group.isEmpty) this.#commit();
    await this.#inFlight;
  }

  /** Commits what is gathered; whatever cannot be is rejected. The sources are stopped before. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#setAlarm(Number.POSITIVE_INFINITY, 0);
    await this.flush();
    this.#group.rejectAll(new Error('the intake has stopped'));
    this.#group = new Group();
  }

  #accept(from: Origination, payload: Payload, judged: Decoded): Promise<void> {
    if (this.#stopped) return Promise.reject(new Error('the intake has stopped'));
    const { topic, qos, retained, waited, receivedMono } = payload;
    let readings: readonly KeptReading[] = NONE;
    let refusedFields = 0;
    if (judged.kind === 'readings') {
      from.states.observe(judged);
      readings = judged.readings.map((reading) => from.keep.keep(reading));
      refusedFields = judged.refusedFields.length;
    }
    const refused = judged.kind === 'refused' ? { topic, reason: judged.reason } : null;
    const stored = this.#group.add({ from, qos, retained, waited, receivedMono, readings, refusedFields, refused });
    this.#arrived(from, qos > 0);
    return stored;
  }

  #drop(from: Origination, topic: string, reason: string): void {
    this.#group.drop(from, { messages: 1, lastMono: this.#options.machineClock.monoMs(), topic, reason });
    if (!this.#stopped) this.#arrived(from, false);
  }

  #arrived(from: Origination, awaited: boolean): void {
    const now = this.#options.machineClock.monoMs();
    from.pace.arrived(now, awaited);
    const due = this.#group.messages.length >= LARGEST_GROUP ? now : from.pace.dueMono(from.window());
    this.#commitOrWait(due, now);
  }

  #commitOrWait(dueMono: MonoMs, now: MonoMs): void {
    if (this.#inFlight !== null || this.#stopped) return;
    const at = Math.max(dueMono, this.#notBeforeMono);
    if (at <= now) this.#commit();
    else if (at < this.#alarmMono) this.#setAlarm(at, at - now);
  }

  #reconsider(): void {
    let due = this.#group.messages.length >= LARGEST_GROUP ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
    for (const { pace, window } of this.#sources.values()) due = Math.min(due, pace.dueMono(window()));
    this.#commitOrWait(due, this.#options.machineClock.monoMs());
  }

  #setAlarm(atMono: MonoMs, inMs: DurationMs): void {
    this.#alarm?.abort();
    this.#alarm = null;
    this.#alarmMono = atMono;
    if (atMono === Number.POSITIVE_INFINITY) return;
    const alarm = new AbortController();
    this.#alarm = alarm;
    void this.#options.machineClock.sleep(inMs, alarm.signal).then(() => {
      if (alarm.signal.aborted) return;
      this.#alarm = null;
      this.#alarmMono = Number.POSITIVE_INFINITY;
      this.#reconsider();
    });
  }

  #commit(): void {
    const group = this.#group;
    this.#group = new Group();
    this.#setAlarm(Number.POSITIVE_INFINITY, 0);
    for (const { pace } of this.#sources.values()) pace.taken();
    this.#inFlight = this.#append(group).then((appended) => {
      this.#inFlight = null;
      this.#untold += appended?.values ?? 0;
      this.#reconsider();
      this.#tell();
    });
  }

  /** Whoever is told looks at all that is owed: too much to be done for every few messages while a broker empties its queue. */
  #tell(): void {
    const now = this.#options.machineClock.monoMs();
    if (this.#untold === 0 || (this.#inFlight !== null && now - this.#toldMono < TELL_EVERY)) return;
    const values = this.#untold;
    this.#untold = 0;
    this.#toldMono = now;
    this.#options.onAppended(values);
  }

  /** Never rejects; null when the append was rejected. */
  async #append(group: Group): Promise<Appended | null> {
    try {
      const appended = await this.#options.queue.append(
        draftAppend(group.messages, group.dropped, this.#options.clock, this.#site),
      );
      this.#succeeded(group);
      return appended;
    } catch (error) {
      this.#failed(group, error);
      return null;
    }
  }

  #succeeded(group: Group): void {
    const now = this.#options.machineClock.monoMs();
    for (const { pace } of this.#sources.values()) pace.acknowledged(now);
    group.resolve();
    if (this.#failures > 0) this.#options.log.info({ failures: this.#failures }, 'readings are stored again');
    this.#failures = 0;
    this.#failure = null;
    this.#notBeforeMono = Number.NEGATIVE_INFINITY;
  }

  #failed(group: Group, error: unknown): void {
    const now = this.#options.machineClock.monoMs();
    const reason = error instanceof Error ? error.message : String(error);
    this.#failures++;
    this.#notBeforeMono = now + backOffMs(this.#failures);
    if (reason !== this.#failure) {
      this.#options.log.warn({ err: error }, 'readings cannot be stored; nothing is acknowledged until they can');
    }
    this.#failure = reason;
    const rest = group.rejectAwaited(error);
    for (const { from } of rest.messages) from.pace.arrived(now, false);
    for (const from of rest.dropped.keys()) from.pace.arrived(now, false);
    this.#group.prepend(rest);
  }
}
