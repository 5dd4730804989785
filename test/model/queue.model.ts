/**
 * What the queue promises, in arrays: no SQL, no minutes' rows, no chunks, no ids. A reading stands in `readings`; each sink
 * has the set of readings it is owed, its letters and six numbers.
 *
 * Invariant: a result that was settled changes nothing before `commit`; a crash forgets it, and with it every claim.
 */
import {
  DAY,
  MINUTE,
  minuteOf,
  type DurationMs,
  type EpochMs,
  type Minute,
  type MonoMs,
} from '../../src/model/time.ts';
import type { Advanced, Appended, Correction, SinkRegistration, SourceCounts } from '../../src/queue/queue.ts';
import type { ClaimBounds } from '../../src/queue/work/item-limit.ts';
import type { TestReading } from '../support/queue-readings.ts';
import { T0 } from '../support/queue-fixture.ts';
import type { ModelClaim, Settled } from './claim.model.ts';
import { intakeCounts, type ModelIntake } from './intake.model.ts';
import { timeOf } from './reading-time.model.ts';
import { oldestReading, sizeOf, type ModelReading, type Stretch } from './reading.model.ts';
import type { ModelReplay } from './replay.model.ts';
import { ModelSink } from './sink.model.ts';

export const TTL: DurationMs = DAY;
export const RETENTION: DurationMs = 3 * 60 * MINUTE;

export class QueueModel {
  now: EpochMs = T0;
  mono: MonoMs = 1_000_000;
  /** How far the machine's wall clock is ahead, until the boot is confirmed. */
  clockError: DurationMs = 0;
  stretch: Stretch = { boot: 'boot-1', confirmed: false };
  /** Minutes with readings of this stretch whose time is not fixed. */
  readonly provisional = new Set<Minute>();
  /** As they were stored; what is restamped into another minute counts as stored anew. */
  readings: ModelReading[] = [];
  sinks: ModelSink[] = [];
  configured: readonly SinkRegistration[] = [];
  readonly intake = new Map<string, ModelIntake>();
  replays: ModelReplay[] = [];
  open: ModelClaim[] = [];
  unsettled: Settled[] = [];
  unclean = false;
  /** Stored before a reading of known time that is gone. */
  readonly #outlived = new WeakSet<ModelReading>();
  readonly bounds: ClaimBounds;
  readonly #origins = new Map<string, number>();
  /** The highest number a reading has, see `numberOf`. */
  numbered = 0;
  boots = 1;
  lettersWritten = 0;

  constructor(bounds: ClaimBounds) {
    this.bounds = bounds;
  }

  /** Devices of a source are numbered as they come. */
  originOf({ source, device, serial }: TestReading): number {
    const key = JSON.stringify([source, device, serial]);
    const number = this.#origins.get(key) ?? this.#origins.size;
    this.#origins.set(key, number);
    return number;
  }

  append(readings: readonly TestReading[], counts: readonly SourceCounts[]): Appended {
    this.commit();
    for (const reading of readings) this.originOf(reading);
    let duplicates = 0;
    const before = this.readings.length;
    for (const message of Map.groupBy(readings, ({ message = -1 }) => message).values()) {
      const intake = this.#intakeOf(message[0]?.source ?? '');
      const fresh = message.filter((reading) => this.#store(reading));
      if (fresh.length === 0) duplicates++;
      intake[fresh.length === 0 ? 'duplicates' : 'used']++;
      intake.readings += fresh.length;
      intake.values += sum(fresh, sizeOf);
    }
    for (const { source, refused, ignored, refusedFields } of counts) {
      const intake = this.#intakeOf(source);
      intake.refused += refused;
      intake.ignored += ignored;
      intake.refusedFields += refusedFields;
    }
    const stored = this.readings.slice(before);
    return { readings: stored.length, values: sum(stored, sizeOf), duplicates, evicted: 0 };
  }

  /** Applies the results that wait. */
  commit(): void {
    for (const settled of this.unsettled.splice(0)) settled.apply(this);
  }

  advance(now: EpochMs): Advanced {
    this.commit();
    let wentLate = 0;
    let expired = 0;
    for (const sink of this.sinks) {
      const aged = sink.age(now, TTL, {
        minute: (minute) => this.holds(sink, minute) || this.provisional.has(minute),
        letter: (letter) => this.open.some((claim) => claim.holdsLetter(letter)),
      });
      wentLate += aged.wentLate;
      expired += aged.expired;
    }
    return { wentLate, expired, evicted: 0, pruned: this.#retain(now) };
  }

  /** Fixes the times of the first `minutes` provisional minutes, or of all. */
  confirm(correction: Correction | null, minutes = Infinity): void {
    const marked = [...this.provisional].sort((a, b) => a - b);
    for (const minute of marked.slice(0, minutes)) {
      this.commit();
      for (const reading of this.#in(minute)) this.#fix(reading, correction);
      this.provisional.delete(minute);
    }
    if (minutes <= marked.length) return;
    this.commit();
    this.stretch.confirmed = true;
  }

  register(registrations: readonly SinkRegistration[]): void {
    this.commit();
    this.configured = registrations;
    for (const sink of this.sinks) {
      const registration = registrations.find(({ name }) => name === sink.name);
      sink.configure(registration?.routes ?? null);
      if (registration !== undefined) continue;
      for (const replay of this.replays) if (replay.sink === sink && replay.isUnfinished) replay.state = 'failed';
    }
    for (const { name, routes, backfill } of registrations) {
      if (this.sinks.some((sink) => sink.name === name)) continue;
      const sink = new ModelSink(name, routes);
      this.sinks.push(sink);
      if (backfill) for (const reading of this.readings) if (!reading.unknown) sink.accept(reading);
    }
  }

  /** The process is gone with everything it had not committed. */
  crash(): void {
    this.unsettled = [];
    this.open = [];
    this.unclean = true;
  }

  close(): void {
    this.commit();
    this.open = [];
    this.unclean = false;
  }

  /** How many readings nobody can tell the time of any more. */
  openIn(boot: string): number {
    const { stretch } = this;
    if (stretch.boot === boot && !stretch.confirmed) return 0;
    this.stretch = { boot, confirmed: false };
    if (stretch.boot === boot || stretch.confirmed) return 0;
    this.provisional.clear();
    const lost = this.readings.filter((r) => r.stretch === stretch && !r.fixed && !r.unknown);
    for (const reading of lost) this.#expire(reading);
    return lost.length;
  }

  /** Whether readings a sink is owed of a minute are on their way. */
  holds(sink: ModelSink, minute: Minute): boolean {
    return this.#onTheirWay(sink, minute).length > 0;
  }

  /** Whether a lane may claim what a sink is owed: nothing of its minute is on its way, but for what comes before it in `behind`. */
  isFree(sink: ModelSink, reading: ModelReading, behind: number | undefined): boolean {
    const others = this.#onTheirWay(sink, minuteOf(reading.at));
    return others.every((claim) => claim.id === behind && claim.leaves(reading, this));
  }

  /** Whether a reading is owed, also when the results that wait are applied. */
  isStillOwed(sink: ModelSink, reading: ModelReading): boolean {
    if (!sink.owed.has(reading)) return false;
    return !this.unsettled.some((settled) => settled.claim.sink === sink && settled.settles(reading));
  }

  /** Deletes readings, without counting them. */
  forget(gone: ReadonlySet<ModelReading>): void {
    const last = this.readings.findLastIndex((reading) => gone.has(reading) && !reading.unknown);
    for (const reading of this.readings.slice(0, Math.max(0, last))) this.#outlived.add(reading);
    this.readings = this.readings.filter((reading) => !gone.has(reading));
  }

  owedToAny(): ModelReading[] {
    return this.readings.filter((reading) => this.sinks.some(({ owed }) => owed.has(reading)));
  }

  oldestPendingAt(): EpochMs | null {
    const reading = oldestReading(this.owedToAny());
    const letters = this.sinks.flatMap((sink) => sink.letters.filter(({ route }) => route !== null));
    const letter = letters.reduce((oldest, { minute }) => Math.min(oldest, minute), Infinity);
    if (reading !== null && minuteOf(reading.at) <= letter) return reading.at;
    return letter === Infinity ? null : letter * MINUTE;
  }

  #onTheirWay(sink: ModelSink, minute: Minute): ModelClaim[] {
    const claims = [...this.open, ...this.unsettled.map(({ claim }) => claim)];
    return claims.filter((claim) => claim.sink === sink && claim.holds(minute));
  }

  /** False when it is stored already. */
  #store(given: TestReading): boolean {
    if (this.readings.some((stored) => isCopy(stored, given))) return false;
    const reading: ModelReading = {
      ...given,
      fixed: false,
      unknown: given.timeUnknown === true,
      stretch: this.stretch,
      received: given.receivedAt ?? given.at,
    };
    const minute = minuteOf(reading.at);
    for (const sink of this.sinks) {
      // Even one that was removed: what it is owed of a minute is all of it.
      const isOwed = !reading.unknown && (!sink.removed || sink.routeIn(minute) !== null);
      if (isOwed) sink.accept(reading);
      else if (!sink.removed) sink.acceptExpired(sizeOf(reading));
    }
    this.readings.push(reading);
    if (reading.unknown) return true;
    if (!this.stretch.confirmed) this.provisional.add(minute);
    return true;
  }

  #fix(reading: ModelReading, correction: Correction | null): void {
    if (reading.stretch !== this.stretch || reading.fixed || reading.unknown) return;
    const time = timeOf(reading, correction);
    if (time === null) return this.#expire(reading);
    const from = minuteOf(reading.at);
    Object.assign(reading, time, { fixed: true });
    if (minuteOf(reading.at) === from) return;
    this.readings = [...this.readings.filter((other) => other !== reading), reading];
    this.#outlived.delete(reading);
    for (const sink of this.sinks) sink.move(reading);
  }

  #expire(reading: ModelReading): void {
    reading.unknown = true;
    for (const sink of this.sinks) if (sink.owed.delete(reading)) sink.ledger.expired += sizeOf(reading);
  }

  #retain(now: EpochMs): number {
    const before = this.readings.length;
    // What goes may let readings of unknown time go that were kept for it.
    for (let left = Infinity; left > this.readings.length;) {
      left = this.readings.length;
      this.#retainOnce(now);
    }
    return before - this.readings.length + this.#retainFuture(now);
  }

  #retainOnce(now: EpochMs): void {
    const minutes = [...new Set(this.readings.map(({ at }) => minuteOf(at)))].sort((a, b) => a - b);
    for (const minute of minutes.filter((one) => one * MINUTE < now - RETENTION)) {
      const isPending = this.sinks.some((sink) => !sink.removed && sink.routeIn(minute) !== null);
      const old = this.#in(minute);
      const staysUndated = old[0]?.unknown === true && !this.#outlived.has(old[0]);
      if (isPending || staysUndated || this.provisional.has(minute)) continue;
      for (const sink of this.sinks) sink.drop(old, 'expired');
      this.forget(new Set(old));
    }
  }

  /** The first minutes from more than a day ahead that hold nothing but readings of unknown time whose successors are gone. */
  #retainFuture(now: EpochMs): number {
    const ahead = this.readings.filter(({ at }) => minuteOf(at) >= minuteOf(now + DAY));
    const isKept = (reading: ModelReading): boolean => !reading.unknown || !this.#outlived.has(reading);
    const until = Math.min(...ahead.filter(isKept).map(({ at }) => minuteOf(at)));
    const gone = ahead.filter(({ at }) => minuteOf(at) < until);
    this.forget(new Set(gone));
    return gone.length;
  }

  #in(minute: Minute): ModelReading[] {
    return this.readings.filter(({ at }) => minuteOf(at) === minute);
  }

  #intakeOf(source: string): ModelIntake {
    let intake = this.intake.get(source);
    if (intake === undefined) this.intake.set(source, (intake = intakeCounts()));
    return intake;
  }
}

function isCopy(stored: ModelReading, { device, serial, deviceTime, values }: TestReading): boolean {
  return (
    deviceTime !== undefined &&
    stored.deviceTime === deviceTime &&
    stored.device === device &&
    stored.serial === serial &&
    JSON.stringify(stored.values) === JSON.stringify(values)
  );
}

function sum<T>(items: readonly T[], of: (item: T) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}
