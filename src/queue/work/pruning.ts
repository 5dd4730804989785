import { DAY, minuteOf, type DurationMs, type EpochMs, type Minute } from '../../model/time.ts';
import { PAGE_BYTES } from '../file/connection.ts';
import { isOwed } from '../tables/owed.ts';
import { TIME_UNKNOWN, type StoredReading } from '../tables/readings.ts';
import type { Claims } from './claims.ts';
import type { CurrentBoot } from './current-boot.ts';
import type { Database } from './database.ts';
import type { KnownSinks } from './known-sinks.ts';
import { firstMinuteWithin } from './windows.ts';

/** Readings per transaction: as long as an append may have to wait. */
const CHUNK = 250;
const VACUUM_PAGES = 200;
/** Free pages kept for the next readings: giving pages back and taking them again wears the card. */
const KEPT_FREE_PAGES = 1_024;
const EVER = Number.MIN_SAFE_INTEGER;
/** No clock of a device is trusted to be so far ahead. */
const FUTURE: DurationMs = DAY;

export interface Pruned {
  /** Readings. */
  readonly pruned: number;
  /** Values. */
  readonly evicted: number;
}

/**
 * Removes readings: what is older than the retention, then, above the byte budget, the oldest settled, then the oldest at all.
 * Readings whose time is provisional are the newest, whatever their time says, and go last.
 */
export class Pruning {
  readonly #database: Database;
  readonly #sinks: KnownSinks;
  readonly #claims: Claims;
  readonly #boot: CurrentBoot;

  constructor(database: Database, sinks: KnownSinks, claims: Claims, boot: CurrentBoot) {
    this.#database = database;
    this.#sinks = sinks;
    this.#claims = claims;
    this.#boot = boot;
  }

  /** Removes settled readings older than the retention; how many. Never one that is pending. Yields between transactions. */
  *retain(retentionMs: DurationMs, now: EpochMs): Generator<void, number> {
    const before = firstMinuteWithin(retentionMs, now);
    let pruned = 0;
    for (let gone = -1; gone !== 0; pruned += gone) gone = yield* this.#pruneBefore(before);
    pruned += yield* this.#pruneFuture(now);
    if (pruned > 0) this.#database.commit(() => this.#database.tables.displaced.prune(before));
    return pruned;
  }

  /** Brings the bytes in use down to the budget. Yields between transactions. */
  *keepWithin(budgetBytes: number, now: EpochMs | null): Generator<void, Pruned> {
    const fits = (): boolean => this.#database.usedBytes <= budgetBytes;
    const pruned = yield* this.keepSettledWithin(budgetBytes);
    let evicted = 0;
    while (!fits() && this.#dropDeadLetters() > 0) yield;
    for (const provisional of [false, true]) {
      for (let minute = this.#minuteFrom(EVER); minute !== null && !fits(); minute = this.#minuteFrom(minute + 1)) {
        if (this.#boot.isProvisional(minute) !== provisional) continue;
        evicted += yield* this.#evictMinute(minute, fits, now);
      }
    }
    return { pruned, evicted };
  }

  /** The same for as long as settled readings suffice; how many. */
  *keepSettledWithin(budgetBytes: number): Generator<void, number> {
    let pruned = 0;
    const fits = (): boolean => this.#database.usedBytes <= budgetBytes;
    if (fits()) return pruned;
    for (let minute = this.#minuteFrom(EVER); minute !== null && !fits(); minute = this.#minuteFrom(minute + 1)) {
      if (!this.#boot.isProvisional(minute)) pruned += yield* this.#pruneMinute(minute, fits);
    }
    return pruned;
  }

  /** Gives pages back to the disk after much was removed. Yields between steps. */
  *shrink(): Generator<void, void> {
    const much = (): boolean => this.#database.freePages * 2 * PAGE_BYTES > this.#database.fileBytes;
    yield* this.#vacuumWhile(() => this.#database.freePages > KEPT_FREE_PAGES && much());
  }

  /** Gives all free pages back to the disk. Yields between steps. */
  *giveBack(): Generator<void, void> {
    yield* this.#vacuumWhile(() => this.#database.freePages > 0);
  }

  *#vacuumWhile(wanted: () => boolean): Generator<void, void> {
    while (wanted()) {
      const before = this.#database.freePages;
      this.#database.vacuum(VACUUM_PAGES);
      if (this.#database.freePages >= before) return;
      yield;
    }
  }

  /** Once through the minutes; what is removed may let undated ones go that were passed by. */
  *#pruneBefore(before: Minute): Generator<void, number> {
    let pruned = 0;
    for (
      let minute = this.#minuteFrom(EVER);
      minute !== null && minute < before;
      minute = this.#minuteFrom(minute + 1)
    ) {
      if (!this.#boot.isProvisional(minute) && !this.#staysUndated(minute)) pruned += yield* this.#pruneMinute(minute);
    }
    return pruned;
  }

  /** What a clock that was ahead has left goes with the history that was stored after it: by its own time it would stay for years. */
  *#pruneFuture(now: EpochMs): Generator<void, number> {
    let pruned = 0;
    const from = minuteOf(now + FUTURE);
    for (let minute = this.#minuteFrom(from); minute !== null; minute = this.#minuteFrom(minute + 1)) {
      if (!this.#isOutlived(minute)) break;
      pruned += yield* this.#pruneMinute(minute);
    }
    return pruned;
  }

  /** Whether a minute begins with a reading of unknown time, such as 1970: that is kept for as long as what was stored after it. */
  #staysUndated(minute: Minute): boolean {
    const { readings, counters } = this.#database.tables;
    const [first] = readings.page(minute, 0, 1);
    return first !== undefined && isOfUnknownTime(first) && first.id > (counters.get('queue', 'pruned_through') ?? 0);
  }

  /** Whether all readings of a minute are of unknown time, and history that was stored after them is gone. */
  #isOutlived(minute: Minute): boolean {
    const { readings, counters } = this.#database.tables;
    const through = counters.get('queue', 'pruned_through') ?? 0;
    return readings.page(minute, through, 1).length === 0 && readings.page(minute, 0, CHUNK).every(isOfUnknownTime);
  }

  /** Deletes a minute nobody waits for, in chunks; a removed sink's claim on it expires. */
  *#pruneMinute(minute: Minute, enough: () => boolean = () => false): Generator<void, number> {
    let pruned = 0;
    while (!enough() && !this.#isPending(minute)) {
      const removed = this.#database.commitAlone(() => {
        this.#expireForRemoved(minute);
        return this.#deleteChunk(minute).readings;
      });
      if (removed === 0) break;
      pruned += removed;
      yield;
    }
    return pruned;
  }

  /** Deletes a pending minute from its lowest id on, and counts what was still owed of it. */
  *#evictMinute(minute: Minute, enough: () => boolean, now: EpochMs | null): Generator<void, number> {
    let evicted = 0;
    // What is on its way is let alone, also when a lane takes it between two chunks.
    while (!enough() && !this.#isClaimed(minute)) {
      const { readings, values } = this.#database.commitAlone(() => {
        const chunk = this.#deleteChunk(minute);
        if (chunk.values > 0 && now !== null)
          this.#database.tables.counters.set('queue', 'last_eviction_at', Math.round(now));
        return chunk;
      });
      if (readings === 0) break;
      evicted += values;
      yield;
    }
    return evicted;
  }

  /** Deletes the first readings of a minute; what was owed of them is evicted. Values are counted once per sink. */
  #deleteChunk(minute: Minute): { readings: number; values: number } {
    const { readings, owed, shapes, counters } = this.#database.tables;
    const rows = readings.page(minute, 0, CHUNK);
    const last = rows.at(-1)?.id;
    if (last === undefined) return { readings: 0, values: 0 };
    let evicted = 0;
    for (const sink of this.#sinks.all) {
      const row = owed.get(sink.id, minute);
      if (row === null) continue;
      const gone = rows.filter((one) => isOwed(row, one) && !isOfUnknownTime(one));
      const values = gone.reduce((sum, { shape }) => sum + shapes.get(shape).length, 0);
      owed.put({
        ...row,
        through: Math.max(row.through, last),
        readings: row.readings - gone.length,
        values: row.values - values,
      });
      counters.add(`sink:${sink.name}`, 'evicted', values);
      evicted += values;
    }
    readings.deleteThrough(minute, last);
    counters.add('queue', 'stored', -rows.length);
    const known = rows.findLast((row) => !isOfUnknownTime(row))?.id;
    if (known !== undefined) counters.raise('queue', 'pruned_through', known);
    return { readings: rows.length, values: evicted };
  }

  #isPending(minute: Minute): boolean {
    return this.#sinks.active.some((sink) => this.#database.tables.owed.get(sink.id, minute) !== null);
  }

  #isClaimed(minute: Minute): boolean {
    return this.#sinks.all.some((sink) => this.#claims.holdsMinute(sink.id, minute));
  }

  #expireForRemoved(minute: Minute): void {
    const { owed, counters } = this.#database.tables;
    for (const sink of this.#sinks.all) {
      const row = sink.removed ? owed.get(sink.id, minute) : null;
      if (row === null) continue;
      owed.delete(sink.id, minute);
      counters.add(`sink:${sink.name}`, 'expired', row.values);
    }
  }

  #dropDeadLetters(): number {
    const { deadLetters } = this.#database.tables;
    const ids = deadLetters.oldestDead(CHUNK);
    if (ids.length > 0) this.#database.commitAlone(() => ids.forEach((id) => deadLetters.delete(id)));
    return ids.length;
  }

  #minuteFrom(minute: Minute): Minute | null {
    return this.#database.tables.readings.minuteFrom(minute);
  }
}

function isOfUnknownTime({ flags }: StoredReading): boolean {
  return (flags & TIME_UNKNOWN) !== 0;
}
