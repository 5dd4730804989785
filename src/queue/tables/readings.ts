import type Database from 'better-sqlite3';
import type { Minute } from '../../model/time.ts';

/** Bits of a reading's `flags`. */
export const TIME_UNKNOWN = 1;
export const TIME_FIXED = 2;
export const DEVICE_TIME_ONLY = 4;

export interface StoredReading {
  readonly minute: Minute;
  readonly id: number;
  readonly origin: number;
  readonly shape: number;
  readonly at: number;
  /** Null: the same as `at`. */
  readonly received: number | null;
  readonly mono: number;
  readonly deviceTime: number | null;
  readonly boot: number;
  readonly flags: number;
  readonly data: Buffer;
}

/** id, origin, shape, at, data */
export type BriefRow = [number, number, number, number, Buffer];

export interface ReplayFilter {
  readonly fromAt: number;
  readonly toAt: number;
  readonly device: string | null;
}

const COLUMNS = 'minute, id, origin, shape, at, received, mono, device_time, boot, flags, data';
const ALL = COLUMNS.replace('device_time', 'device_time AS deviceTime');
/** `flags & 1`: readings of unknown time are owed to nobody. */
const BRIEF = `SELECT id, origin, shape, at, data FROM readings WHERE minute = ? AND id > ? AND id <= ? AND flags & ${TIME_UNKNOWN} = 0`;

/** The log itself, clustered by minute and id. No statement here looks at more than the minutes it is asked about. */
export class Readings {
  readonly #insert: Database.Statement<
    [number, number, number, number, number, number | null, number, number | null, number, number, Buffer]
  >;
  readonly #owed: Database.Statement<[Minute, number, number, number], BriefRow>;
  readonly #replayed: Database.Statement<
    [Minute, number, number, number, number, string | null, string | null, number],
    BriefRow
  >;
  readonly #page: Database.Statement<[Minute, number, number], StoredReading>;
  readonly #one: Database.Statement<[Minute, number], StoredReading>;
  readonly #delete: Database.Statement<[Minute, number]>;
  readonly #deleteThrough: Database.Statement<[Minute, number]>;
  readonly #flag: Database.Statement<[number, Minute, number]>;
  readonly #nextMinute: Database.Statement<[Minute], { minute: Minute | null }>;
  readonly #previousMinute: Database.Statement<[Minute], { minute: Minute | null }>;

  constructor(db: Database.Database) {
    this.#insert = db.prepare(`INSERT INTO readings (${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`);
    this.#owed = db.prepare<[Minute, number, number, number], BriefRow>(`${BRIEF} ORDER BY id LIMIT ?`).raw();
    this.#replayed = db
      .prepare<[Minute, number, number, number, number, string | null, string | null, number], BriefRow>(
        `${BRIEF} AND at >= ? AND at < ?
         AND (? IS NULL OR origin IN (SELECT o.id FROM origins AS o WHERE o.device = ?)) ORDER BY id LIMIT ?`,
      )
      .raw();
    this.#page = db.prepare(`SELECT ${ALL} FROM readings WHERE minute = ? AND id > ? ORDER BY id LIMIT ?`);
    this.#one = db.prepare(`SELECT ${ALL} FROM readings WHERE minute = ? AND id = ?`);
    this.#delete = db.prepare('DELETE FROM readings WHERE minute = ? AND id = ?');
    this.#deleteThrough = db.prepare('DELETE FROM readings WHERE minute = ? AND id <= ?');
    this.#flag = db.prepare('UPDATE readings SET flags = ? WHERE minute = ? AND id = ?');
    this.#nextMinute = db.prepare('SELECT min(minute) AS minute FROM readings WHERE minute >= ?');
    this.#previousMinute = db.prepare('SELECT max(minute) AS minute FROM readings WHERE minute <= ?');
  }

  insert(r: StoredReading): void {
    this.#insert.run(
      r.minute,
      r.id,
      r.origin,
      r.shape,
      r.at,
      r.received,
      r.mono,
      r.deviceTime,
      r.boot,
      r.flags,
      r.data,
    );
  }

  /** Readings of known time with `after < id <= through`, by id. */
  owed(minute: Minute, after: number, through: number, limit: number): BriefRow[] {
    return this.#owed.all(minute, after, through, limit);
  }

  /** The same, of one device or all, measured within a range. */
  replayed(minute: Minute, after: number, through: number, filter: ReplayFilter, limit: number): BriefRow[] {
    const { fromAt, toAt, device } = filter;
    return this.#replayed.all(minute, after, through, fromAt, toAt, device, device, limit);
  }

  /** Whole rows with an id above `after`, by id. */
  page(minute: Minute, after: number, limit: number): StoredReading[] {
    return this.#page.all(minute, after, limit);
  }

  get(minute: Minute, id: number): StoredReading | null {
    return this.#one.get(minute, id) ?? null;
  }

  delete(minute: Minute, id: number): void {
    this.#delete.run(minute, id);
  }

  /** Deletes readings of a minute up to an id; how many. */
  deleteThrough(minute: Minute, id: number): number {
    return this.#deleteThrough.run(minute, id).changes;
  }

  setFlags(minute: Minute, id: number, flags: number): void {
    this.#flag.run(flags, minute, id);
  }

  /** The first minute from this one on that holds readings. */
  minuteFrom(minute: Minute): Minute | null {
    return this.#nextMinute.get(minute)?.minute ?? null;
  }

  /** The last minute up to this one that holds readings. */
  minuteUpTo(minute: Minute): Minute | null {
    return this.#previousMinute.get(minute)?.minute ?? null;
  }
}
