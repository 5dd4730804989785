import { MINUTE, minuteOf, type DurationMs, type EpochMs, type Minute } from '../../src/model/time.ts';
import type { Ledger, SinkRegistration } from '../../src/queue/queue.ts';
import { sizeOf, type ModelReading } from './reading.model.ts';

type Routes = SinkRegistration['routes'];

/** Values refused together. `route` is null for what is dead, else they are pending again on it. */
export interface ModelLetter {
  /** In the order in which they were written, of all sinks. */
  readonly number: number;
  readonly minute: Minute;
  readonly device: string;
  readonly quantity: string;
  readonly reason: string;
  samples: readonly (readonly [at: EpochMs, value: number])[];
  route: string | null;
}

/** What time does not move: it is on its way, or provisional. */
export interface IsLeft {
  minute(minute: Minute): boolean;
  letter(letter: ModelLetter): boolean;
}

type Counted = Omit<Ledger, 'pending'>;

/** What one sink is owed, and what became of the rest. */
export class ModelSink {
  readonly name: string;
  routes: Routes;
  removed = false;
  readonly ledger: { -readonly [count in keyof Counted]: number } = {
    accepted: 0,
    delivered: 0,
    late: 0,
    expired: 0,
    evicted: 0,
    deadLettered: 0,
  };
  /** Readings it is owed, with the route. All of a minute are on the same. */
  readonly owed = new Map<ModelReading, string>();
  /** By minute: what was stored of it when the first of its devices went. */
  readonly parts = new Map<Minute, ReadonlySet<ModelReading>>();
  letters: ModelLetter[] = [];

  constructor(name: string, routes: Routes) {
    this.name = name;
    this.routes = routes;
  }

  get firstRoute(): string {
    return this.routes[0]?.name ?? '';
  }

  /** Values of letters that are pending again. */
  get pendingLetterValues(): number {
    return this.letters.reduce((sum, { route, samples }) => sum + (route === null ? 0 : samples.length), 0);
  }

  accept(reading: ModelReading): void {
    this.ledger.accepted += sizeOf(reading);
    this.owed.set(reading, this.routeIn(minuteOf(reading.at)) ?? this.firstRoute);
  }

  acceptExpired(values: number): void {
    this.ledger.accepted += values;
    this.ledger.expired += values;
  }

  partOf(minute: Minute): ReadonlySet<ModelReading> {
    return this.parts.get(minute) ?? new Set();
  }

  /** The route of what it is owed of a minute. */
  routeIn(minute: Minute, except?: ModelReading): string | null {
    for (const [reading, route] of this.owed) if (reading !== except && minuteOf(reading.at) === minute) return route;
    return null;
  }

  /** A reading was restamped into another minute. What it is owed of a minute is all of it. */
  move(reading: ModelReading): void {
    const there = this.routeIn(minuteOf(reading.at), reading);
    const route = this.owed.get(reading);
    if (route !== undefined) this.owed.set(reading, there ?? route);
    else if (there !== null) this.accept(reading);
  }

  /** Null: it is no longer configured. */
  configure(routes: Routes | null): void {
    this.removed = routes === null;
    if (routes === null) return;
    this.routes = routes;
    const isGone = (route: string): boolean => !routes.some(({ name }) => name === route);
    for (const [reading, route] of this.owed) if (isGone(route)) this.owed.set(reading, this.firstRoute);
    for (const letter of this.letters)
      if (letter.route !== null && isGone(letter.route)) letter.route = this.firstRoute;
  }

  /** Moves on, or expires, what is too old for its route. */
  age(now: EpochMs, ttlMs: DurationMs, isLeft: IsLeft): { wentLate: number; expired: number } {
    const aged = { wentLate: 0, expired: 0 };
    const { ledger } = this;
    for (const [reading, route] of this.owed) {
      const minute = minuteOf(reading.at);
      const next = isLeft.minute(minute) ? route : this.#routeAt(minute, route, now, ttlMs);
      if (next === route) continue;
      count(next, sizeOf(reading));
      if (next === null) this.owed.delete(reading);
      else this.owed.set(reading, next);
    }
    this.letters = this.letters.filter((letter) => {
      if (letter.route === null || isLeft.letter(letter)) return true;
      const next = this.#routeAt(letter.minute, letter.route, now, ttlMs);
      if (next === letter.route) return true;
      count(next, letter.samples.length);
      letter.route = next;
      return next !== null;
    });
    return aged;

    function count(next: string | null, values: number): void {
      aged[next === null ? 'expired' : 'wentLate'] += values;
      if (next === null) ledger.expired += values;
    }
  }

  /** Takes readings that are deleted off, under a count of the ledger. */
  drop(readings: readonly ModelReading[], as: 'expired' | 'evicted'): void {
    for (const reading of readings) if (this.owed.delete(reading)) this.ledger[as] += sizeOf(reading);
  }

  pendingByRoute(): Map<string, number> {
    const pending = new Map(this.routes.map(({ name }) => [name, 0]));
    const add = (route: string, values: number): unknown => pending.set(route, (pending.get(route) ?? 0) + values);
    for (const [reading, route] of this.owed) add(route, sizeOf(reading));
    for (const { route, samples } of this.letters) if (route !== null) add(route, samples.length);
    return pending;
  }

  /** Values no route takes any more at an instant. */
  lostAt(now: EpochMs, ttlMs: DurationMs): number {
    const windowMs = this.removed ? ttlMs : Math.min(ttlMs, Math.max(...this.routes.map(({ behindMs }) => behindMs)));
    const isLost = (minute: Minute): boolean => minute * MINUTE < now - windowMs;
    let values = 0;
    for (const reading of this.owed.keys()) if (isLost(minuteOf(reading.at))) values += sizeOf(reading);
    for (const { route, minute, samples } of this.letters)
      if (route !== null && isLost(minute)) values += samples.length;
    return values;
  }

  /** The route it stays on while it may, else the first that takes it, else null. */
  #routeAt(minute: Minute, route: string, now: EpochMs, ttlMs: DurationMs): string | null {
    const isWithin = (behindMs: DurationMs): boolean => minute * MINUTE >= now - behindMs;
    if (!isWithin(ttlMs)) return null;
    if (this.removed || isWithin(this.routes.find(({ name }) => name === route)?.behindMs ?? 0)) return route;
    return this.routes.find(({ behindMs }) => isWithin(behindMs))?.name ?? null;
  }
}
