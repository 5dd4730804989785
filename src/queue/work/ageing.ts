import type { DurationMs, EpochMs } from '../../model/time.ts';
import type { StoredSink } from '../tables/sinks.ts';
import type { Claims } from './claims.ts';
import type { CurrentBoot } from './current-boot.ts';
import type { Database } from './database.ts';
import { leavesBefore, routeFor } from './windows.ts';

const CHUNK = 500;
const EVER = Number.MIN_SAFE_INTEGER;

/** In values. */
export interface Aged {
  wentLate: number;
  expired: number;
}

/**
 * Moves what has become too old for its route to the sink's next one, or expires it: whole minutes of what is owed, then
 * letters that are pending again. What is on its way, or provisional in time, is left for later.
 */
export class Ageing {
  readonly #database: Database;
  readonly #claims: Claims;
  readonly #boot: CurrentBoot;
  readonly #ttlMs: DurationMs;

  constructor(database: Database, claims: Claims, boot: CurrentBoot, ttlMs: DurationMs) {
    this.#database = database;
    this.#claims = claims;
    this.#boot = boot;
    this.#ttlMs = ttlMs;
  }

  /** Yields between transactions. */
  *run(sinks: readonly StoredSink[], now: EpochMs): Generator<void, Aged> {
    const aged: Aged = { wentLate: 0, expired: 0 };
    for (const sink of sinks) {
      for (const route of sink.routes) {
        const before = leavesBefore(sink, route, this.#ttlMs, now);
        yield* this.#ageMinutes(sink, route.name, before, now, aged);
        yield* this.#ageLetters(sink, route.name, before, now, aged);
      }
    }
    return aged;
  }

  *#ageMinutes(sink: StoredSink, route: string, before: number, now: EpochMs, aged: Aged): Generator<void, void> {
    const { owed, counters } = this.#database.tables;
    for (let from = EVER; ; yield) {
      const rows = owed.oldest(sink.id, from, before, route, CHUNK);
      const movable = rows.filter(
        ({ minute }) => !this.#claims.holdsMinute(sink.id, minute) && !this.#boot.isProvisional(minute),
      );
      if (movable.length > 0) {
        const moved = this.#database.commit(() => {
          const sum: Aged = { wentLate: 0, expired: 0 };
          for (const { minute, values } of movable) {
            const next = this.#nextRoute(sink, minute, now);
            if (next === null) {
              owed.delete(sink.id, minute);
              sum.expired += values;
            } else {
              owed.reroute(sink.id, minute, next);
              sum.wentLate += values;
            }
          }
          counters.add(`sink:${sink.name}`, 'expired', sum.expired);
          return sum;
        });
        add(aged, moved);
      }
      if (rows.length < CHUNK) return;
      from = (rows.at(-1)?.minute ?? from) + 1;
    }
  }

  *#ageLetters(sink: StoredSink, route: string, before: number, now: EpochMs, aged: Aged): Generator<void, void> {
    const { deadLetters, counters } = this.#database.tables;
    for (;;) {
      const letters = deadLetters
        .owed(sink.id, route, EVER, before, CHUNK)
        .filter(({ id }) => !this.#claims.holdsLetter(sink.id, id));
      if (letters.length === 0) return;
      const moved = this.#database.commit(() => {
        const sum: Aged = { wentLate: 0, expired: 0 };
        for (const { id, minute, samples } of letters) {
          const next = this.#nextRoute(sink, minute, now);
          if (next === null) {
            deadLetters.delete(id);
            sum.expired += samples.length;
          } else {
            deadLetters.reroute(id, next);
            sum.wentLate += samples.length;
          }
        }
        counters.add(`sink:${sink.name}`, 'expired', sum.expired);
        return sum;
      });
      add(aged, moved);
      yield;
    }
  }

  #nextRoute(sink: StoredSink, minute: number, now: EpochMs): string | null {
    return sink.removed ? null : routeFor(minute, sink.routes, this.#ttlMs, now);
  }
}

function add(to: Aged, { wentLate, expired }: Aged): void {
  to.wentLate += wentLate;
  to.expired += expired;
}
