import type BetterSqlite3 from 'better-sqlite3';
import { idOfKey, keyOf, MAX_ID, minuteOfKey } from '../tables/reading-key.ts';
import { troubleOf } from '../file/sqlite-error.ts';

/** A reading as an old file has it, with what its numbers stood for there. */
export interface DamagedRow {
  readonly minute: number;
  readonly id: number;
  readonly origin: number;
  readonly shape: number;
  readonly at: number;
  readonly received: number | null;
  readonly mono: number;
  readonly deviceTime: number | null;
  readonly boot: number;
  readonly flags: number;
  readonly data: Buffer;
}

/** Whether each column holds what the schema asks for: SQLite reads a damaged row without looking. */
export function isWhole({ id, at, received, mono, deviceTime, flags, data }: DamagedRow): boolean {
  const numbers = Number.isFinite(at) && Number.isFinite(mono) && isTime(received) && isTime(deviceTime);
  return id > 0 && numbers && Number.isInteger(flags) && Buffer.isBuffer(data) && data.length > 0;
}

function isTime(time: number | null): boolean {
  return time === null || Number.isFinite(time);
}

export interface Position {
  readonly minute: number;
  readonly id: number;
}

const ID_JUMPS = 24;
const MINUTE_JUMPS = 24;
const ALL_IDS = Math.log2(MAX_ID + 1);

/** Reads the readings of a damaged file in order, around what cannot be read. */
export class DamagedReadings {
  readonly #page: BetterSqlite3.Statement<[number, number, number], DamagedRow>;

  /** Throws when not even the schema can be read. */
  constructor(db: BetterSqlite3.Database) {
    this.#page = db.prepare(
      `SELECT ${minuteOfKey()} AS minute, ${idOfKey()} AS id, origin, shape, at, received, mono,
         device_time AS deviceTime, boot, flags, data
       FROM readings WHERE key > ${keyOf('?', '?')} ORDER BY key LIMIT ?`,
    );
  }

  /** Up to `limit` readings behind a position; none when there are no more, or no more that can be read. */
  after(position: Position, limit: number): DamagedRow[] {
    for (let size = limit; size >= 1; size = Math.floor(size / 2)) {
      const rows = this.#read(position, size);
      if (rows !== null) return rows;
    }
    const beyond = this.#skip(position);
    return beyond === null ? [] : this.after(beyond, limit);
  }

  /** The first readable position behind an unreadable one: within the minute, or else within the minute where the damage ends. */
  #skip({ minute, id }: Position): Position | null {
    const inMinute = this.#search((step) => ({ minute, id: id + step }), ID_JUMPS);
    if (inMinute !== null) return inMinute;
    const next = this.#search((step) => ({ minute: minute + step, id: 0 }), MINUTE_JUMPS);
    const last = (next?.minute ?? minute) - 1;
    return last <= minute ? next : (this.#search((step) => ({ minute: last, id: step }), ALL_IDS) ?? next);
  }

  /** By doubling, then by halving. */
  #search(at: (step: number) => Position, jumps: number): Position | null {
    for (let jump = 0; jump < jumps; jump++) {
      if (this.#read(at(2 ** jump), 1) === null) continue;
      let fails = jump === 0 ? 0 : 2 ** (jump - 1);
      let works = 2 ** jump;
      while (works - fails > 1) {
        const middle = Math.floor((fails + works) / 2);
        if (this.#read(at(middle), 1) === null) fails = middle;
        else works = middle;
      }
      return at(works);
    }
    return null;
  }

  #read({ minute, id }: Position, limit: number): DamagedRow[] | null {
    try {
      return this.#page.all(minute, id, limit);
    } catch (error) {
      if (troubleOf(error) === 'corrupt' || troubleOf(error) === 'io') return null;
      throw error;
    }
  }
}
