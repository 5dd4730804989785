import { DAY, MINUTE, type EpochMs, type Minute } from '../../model/time.ts';
import type { Correction } from '../queue.ts';
import { takeIds } from '../tables/ids.ts';
import { isOwed } from '../tables/owed.ts';
import { storedMinuteOf } from '../tables/reading-key.ts';
import { DEVICE_TIME_ONLY, TIME_FIXED, TIME_UNKNOWN, type StoredReading } from '../tables/readings.ts';
import type { CurrentBoot } from './current-boot.ts';
import type { Database } from './database.ts';
import type { Duplicates } from './duplicates.ts';
import type { KnownSinks } from './known-sinks.ts';
import { expireReading } from './unknown-time.ts';

const CHUNK = 500;
/** Where the caller names no window for a source; as the configuration's default. */
const DEFAULT_TRUST = { behindMs: DAY, aheadMs: 2 * MINUTE };

/** Fixes the time of this boot's readings for good, once its clock is known. */
export class Confirming {
  readonly #database: Database;
  readonly #sinks: KnownSinks;
  readonly #boot: CurrentBoot;
  readonly #duplicates: Duplicates;

  constructor(database: Database, sinks: KnownSinks, boot: CurrentBoot, duplicates: Duplicates) {
    this.#database = database;
    this.#sinks = sinks;
    this.#boot = boot;
    this.#duplicates = duplicates;
  }

  /**
   * Yields between transactions; readings appended meanwhile are treated alike, and nothing is on its way: no claim is given
   * before it is done. What is cut off by a crash is fixed so far, the rest is provisional still.
   */
  *run(correction: Correction | null): Generator<void, void> {
    while (!this.#boot.confirmed) {
      const [minute] = this.#boot.provisionalMinutes();
      if (minute === undefined) {
        this.#database.commit(() => {
          this.#boot.confirm();
          if (correction !== null) this.#forgetFuture(correction.wallMs);
        });
        return;
      }
      for (let after = 0; ; yield) {
        const rows = this.#database.tables.readings.page(minute, after, CHUNK);
        const last = rows.length < CHUNK;
        this.#database.commit(() => {
          let newest = 0;
          for (const row of rows) newest = Math.max(newest, this.#fix(row, correction));
          if (newest > 0) this.#database.tables.counters.raise('queue', 'newest_at', Math.round(newest));
          if (last) this.#boot.unmark(minute);
        });
        this.#duplicates.forget();
        if (last) break;
        after = rows.at(-1)?.id ?? after;
      }
      yield;
    }
  }

  /** A clock that was ahead must not make every right one look wrong for as long as it was ahead. */
  #forgetFuture(now: EpochMs): void {
    const { counters } = this.#database.tables;
    const newest = counters.get('queue', 'newest_at');
    if (newest !== null && newest > now + DEFAULT_TRUST.aheadMs) counters.set('queue', 'newest_at', Math.round(now));
  }

  /** The reading's time for good; 0 when it is none of ours or has none. */
  #fix(row: StoredReading, correction: Correction | null): EpochMs {
    if (row.boot !== this.#boot.id || (row.flags & (TIME_UNKNOWN | TIME_FIXED)) !== 0) return 0;
    const { source } = this.#database.tables.origins.get(row.origin);
    const at = timeOf(row, source, correction);
    if (at === null) {
      expireReading(this.#database.tables, this.#sinks.all, row);
      return 0;
    }
    this.#restamp(row, at, receivedAt(row, correction));
    return at;
  }

  #restamp(row: StoredReading, at: EpochMs, received: EpochMs): void {
    const { readings, displaced, counters } = this.#database.tables;
    const minute = storedMinuteOf(at);
    const flags = row.flags | TIME_FIXED;
    if (at === row.at && received === (row.received ?? row.at)) {
      readings.setFlags(row.minute, row.id, flags);
      return;
    }
    readings.delete(row.minute, row.id);
    // In another minute it is like one that comes only now: above every `through`.
    const id = minute === row.minute ? row.id : takeIds(counters, 1);
    readings.insert({ ...row, minute, id, at, received: received === at ? null : received, flags });
    if (minute === row.minute) return;
    this.#moveOwed(row, minute, id);
    if (row.deviceTime !== null && storedMinuteOf(row.deviceTime) !== minute)
      displaced.add(storedMinuteOf(row.deviceTime), minute);
  }

  /** A sink that was not owed the reading is so now where it is owed the minute: what it is owed of one is all above an id. */
  #moveOwed({ id, minute, origin, shape }: StoredReading, to: Minute, newId: number): void {
    const { owed, shapes, counters } = this.#database.tables;
    const values = shapes.get(shape).length;
    for (const sink of this.#sinks.all) {
      const row = owed.get(sink.id, minute);
      const wasOwed = row !== null && isOwed(row, { id, origin });
      const there = owed.get(sink.id, to);
      if (wasOwed) owed.put({ ...row, readings: row.readings - 1, values: row.values - values });
      else if (there !== null) counters.add(`sink:${sink.name}`, 'accepted', values);
      const route = there?.route ?? (wasOwed ? row.route : null);
      if (route !== null) owed.owe({ sink: sink.id, minute: to, route, through: newId - 1, readings: 1, values });
    }
  }
}

/** Pure: null when no time can be known. */
function timeOf(row: StoredReading, source: string, correction: Correction | null): EpochMs | null {
  const received = receivedAt(row, correction);
  const deviceOnly = (row.flags & DEVICE_TIME_ONLY) !== 0;
  if (correction === null && !deviceOnly) return row.at;
  const { behindMs, aheadMs } = correction?.trustTime[source] ?? DEFAULT_TRUST;
  const { deviceTime } = row;
  if (deviceTime !== null && deviceTime >= received - behindMs && deviceTime <= received + aheadMs) return deviceTime;
  return deviceOnly ? null : received;
}

function receivedAt({ at, received, mono }: StoredReading, correction: Correction | null): EpochMs {
  if (correction === null) return received ?? at;
  return Math.round(correction.wallMs - (correction.monoMs - mono));
}
