import type Database from 'better-sqlite3';
import type { Minute } from '../../model/time.ts';
import type { OwedMinute, OwedPart } from './owed.ts';
import { clampMinute, firstKeyOf, idOfKey, keyOf, MAX_ID, minuteOfKey } from './reading-key.ts';

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

/** id, origin, shape, at, data in hexadecimal: a BLOB would become a Buffer of its own, which takes twice as long as all the rest. */
export type BriefRow = [number, number, number, number, string];

export interface ReplayFilter {
  readonly fromAt: number;
  readonly toAt: number;
  readonly device: string | null;
}

type Owed = Pick<OwedMinute, 'minute' | 'through' | 'part'>;
/** Of one minute, behind one id and up to another. */
type Span = [Minute, number, Minute, number];
type Cell = number | Buffer | null;
type PartKey = [upto: number, origin: number, id: number];

/** Rows of one statement: what a statement costs by itself is then shared by so many that more would save nothing. */
const INSERTED_TOGETHER = 8;

const NO_PART: OwedPart = { upto: 0, origin: 0, id: 0 };
const ROW = `(${keyOf('?', '?')}, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;
const INSERT = 'INSERT INTO readings (key, origin, shape, at, received, mono, device_time, boot, flags, data) VALUES';
const ALL = `${minuteOfKey()} AS minute, ${idOfKey()} AS id, origin, shape, at, received, mono,
  device_time AS deviceTime, boot, flags, data`;
export const BRIEF_COLUMNS = `${idOfKey()}, origin, shape, at, hex(data)`;
/** Of a minute, behind one id and up to another. Readings of unknown time are owed to nobody. */
const BRIEF = `SELECT ${BRIEF_COLUMNS} FROM readings
  WHERE key > ${keyOf('?', '?')} AND key <= ${keyOf('?', '?')} AND flags & ${TIME_UNKNOWN} = 0`;

/** The log itself, clustered by minute and id. No statement here looks at more than the minutes it is asked about. */
export class Readings {
  readonly #insert: Database.Statement<Cell[]>;
  readonly #insertTogether: Database.Statement<Cell[]>;
  readonly #owed: Database.Statement<[...Span, ...PartKey, number], BriefRow>;
  readonly #ofDevices: Database.Statement<[...Span, number, number, number, number], BriefRow>;
  readonly #replayed: Database.Statement<
    [...Span, number, number, number, number, number, string | null, string | null, number],
    BriefRow
  >;
  readonly #page: Database.Statement<[Minute, number, Minute, number], StoredReading>;
  readonly #one: Database.Statement<[Minute, number], StoredReading>;
  readonly #delete: Database.Statement<[Minute, number]>;
  readonly #deleteThrough: Database.Statement<[Minute, Minute, number]>;
  readonly #flag: Database.Statement<[number, Minute, number]>;
  readonly #nextMinute: Database.Statement<[Minute], { minute: Minute }>;
  readonly #previousMinute: Database.Statement<[Minute], { minute: Minute }>;

  constructor(db: Database.Database) {
    this.#insert = db.prepare(`${INSERT} ${ROW}`);
    this.#insertTogether = db.prepare(`${INSERT} ${Array.from({ length: INSERTED_TOGETHER }, () => ROW).join(', ')}`);
    this.#owed = db
      .prepare<[...Span, ...PartKey, number], BriefRow>(
        `${BRIEF} AND (${idOfKey()} > ? OR (origin, ${idOfKey()}) > (?, ?)) ORDER BY key LIMIT ?`,
      )
      .raw();
    this.#ofDevices = db
      .prepare<[...Span, number, number, number, number], BriefRow>(
        `${BRIEF} AND origin BETWEEN ? AND ? AND (origin, ${idOfKey()}) > (?, ?) ORDER BY origin, key`,
      )
      .raw();
    this.#replayed = db
      .prepare<[...Span, number, number, number, number, number, string | null, string | null, number], BriefRow>(
        `${BRIEF} AND (${idOfKey()} <= ? OR (origin, ${idOfKey()}) <= (?, ?)) AND at >= ? AND at < ?
         AND (? IS NULL OR origin IN (SELECT o.id FROM origins AS o WHERE o.device = ?)) ORDER BY key LIMIT ?`,
      )
      .raw();
    this.#page = db.prepare(
      `SELECT ${ALL} FROM readings WHERE key > ${keyOf('?', '?')} AND key < ${firstKeyOf('(? + 1)')} ORDER BY key LIMIT ?`,
    );
    this.#one = db.prepare(`SELECT ${ALL} FROM readings WHERE key = ${keyOf('?', '?')}`);
    this.#delete = db.prepare(`DELETE FROM readings WHERE key = ${keyOf('?', '?')}`);
    this.#deleteThrough = db.prepare(
      `DELETE FROM readings WHERE key >= ${firstKeyOf('?')} AND key <= ${keyOf('?', '?')}`,
    );
    this.#flag = db.prepare(`UPDATE readings SET flags = ? WHERE key = ${keyOf('?', '?')}`);
    this.#nextMinute = db.prepare(
      `SELECT ${minuteOfKey()} AS minute FROM readings WHERE key >= ${firstKeyOf('?')} ORDER BY key LIMIT 1`,
    );
    this.#previousMinute = db.prepare(
      `SELECT ${minuteOfKey()} AS minute FROM readings WHERE key < ${firstKeyOf('(? + 1)')} ORDER BY key DESC LIMIT 1`,
    );
  }

  /** So many cost the least. */
  get insertedTogether(): number {
    return INSERTED_TOGETHER;
  }

  insert(reading: StoredReading): void {
    this.#insert.run(...cellsOf(reading));
  }

  insertAll(readings: readonly StoredReading[]): void {
    let i = 0;
    for (; i + INSERTED_TOGETHER <= readings.length; i += INSERTED_TOGETHER) {
      this.#insertTogether.run(...readings.slice(i, i + INSERTED_TOGETHER).flatMap(cellsOf));
    }
    for (const reading of readings.slice(i)) this.insert(reading);
  }

  /** What is owed of a minute with an id above `after`, by id. */
  owed({ minute, through, part }: Owed, after: number, limit: number): BriefRow[] {
    const { upto, origin, id } = part ?? NO_PART;
    return this.#owed.all(minute, Math.max(after, through), minute, MAX_ID, upto, origin, id, limit);
  }

  /**
   * Readings of known time with `base < id <= part.upto` that come later than `part` says and are of the origins `first` to
   * `last`: by origin, then by id. Looks at all of the minute, and sorts what it finds.
   */
  *ofDevices(minute: Minute, base: number, part: OwedPart, first: number, last: number): Generator<BriefRow, void> {
    yield* this.#ofDevices.iterate(minute, base, minute, part.upto, first, last, part.origin, part.id);
  }

  /** Readings of known time that are not owed, with an id above `after`, by id; of one device or all, measured within a range. */
  replayed(minute: Minute, owed: Owed | null, after: number, filter: ReplayFilter, limit: number): BriefRow[] {
    const { fromAt, toAt, device } = filter;
    const through = owed?.through ?? MAX_ID;
    const { upto, origin, id } = owed?.part ?? NO_PART;
    const last = Math.max(through, upto);
    return this.#replayed.all(minute, after, minute, last, through, origin, id, fromAt, toAt, device, device, limit);
  }

  /** Whole rows with an id above `after`, by id. */
  page(minute: Minute, after: number, limit: number): StoredReading[] {
    return this.#page.all(minute, after, minute, limit);
  }

  get(minute: Minute, id: number): StoredReading | null {
    return this.#one.get(minute, id) ?? null;
  }

  delete(minute: Minute, id: number): void {
    this.#delete.run(minute, id);
  }

  /** Deletes readings of a minute up to an id; how many. */
  deleteThrough(minute: Minute, id: number): number {
    return this.#deleteThrough.run(minute, minute, id).changes;
  }

  setFlags(minute: Minute, id: number, flags: number): void {
    this.#flag.run(flags, minute, id);
  }

  /** The first minute from this one on that holds readings. */
  minuteFrom(minute: Minute): Minute | null {
    return this.#nextMinute.get(clampMinute(minute))?.minute ?? null;
  }

  /** The last minute up to this one that holds readings. */
  minuteUpTo(minute: Minute): Minute | null {
    return this.#previousMinute.get(clampMinute(minute))?.minute ?? null;
  }
}

function cellsOf(r: StoredReading): Cell[] {
  return [r.minute, r.id, r.origin, r.shape, r.at, r.received, r.mono, r.deviceTime, r.boot, r.flags, r.data];
}
