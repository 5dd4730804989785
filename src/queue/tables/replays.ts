import type Database from 'better-sqlite3';
import type { EpochMs, Minute } from '../../model/time.ts';
import type { ReplayReport } from '../queue.ts';

export interface StoredReplay {
  readonly id: number;
  readonly sink: number;
  readonly fromAt: EpochMs;
  readonly toAt: EpochMs;
  readonly device: string | null;
  readonly total: number;
  readonly asMetrics: number;
  readonly late: number;
  readonly tooOld: number;
  readonly sentFresh: number;
  readonly sentLate: number;
  readonly sentTooOld: number;
  /** The newest minute not done, and how far it is done. */
  readonly cursorMinute: Minute;
  readonly cursorId: number;
  readonly state: ReplayReport['state'];
}

/** What is counted of a replay: on which kind of route its values went. */
export type ReplayCount = 'sent_fresh' | 'sent_late' | 'sent_too_old';

const COLUMNS = `id, sink, from_at AS fromAt, to_at AS toAt, device, total, as_metrics AS asMetrics, late, too_old AS tooOld,
  sent_fresh AS sentFresh, sent_late AS sentLate, sent_too_old AS sentTooOld, cursor_minute AS cursorMinute,
  cursor_id AS cursorId, state`;

/** Finished replays that can still be looked at. */
const KEPT = 100;

export class Replays {
  readonly #insert: Database.Statement<
    [number, number, number, string | null, number, number, number, number, Minute, ReplayReport['state']]
  >;
  readonly #next: Database.Statement<[number], StoredReplay>;
  readonly #get: Database.Statement<[number], StoredReplay>;
  readonly #recent: Database.Statement<[], StoredReplay>;
  readonly #move: Database.Statement<[Minute, number, number]>;
  readonly #count: Readonly<Record<ReplayCount, Database.Statement<[number, number]>>>;
  readonly #finish: Database.Statement<[number]>;
  readonly #fail: Database.Statement<[number]>;
  readonly #forget: Database.Statement<[number]>;

  constructor(db: Database.Database) {
    this.#insert = db.prepare(
      `INSERT INTO replays (sink, from_at, to_at, device, total, as_metrics, late, too_old, cursor_minute, cursor_id, state)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?)`,
    );
    this.#next = db.prepare(
      `SELECT ${COLUMNS} FROM replays WHERE sink = ? AND state IN ('queued', 'running') ORDER BY id LIMIT 1`,
    );
    this.#get = db.prepare(`SELECT ${COLUMNS} FROM replays WHERE id = ?`);
    this.#recent = db.prepare(`SELECT ${COLUMNS} FROM replays ORDER BY id DESC LIMIT 20`);
    this.#move = db.prepare(`UPDATE replays SET state = 'running', cursor_minute = ?, cursor_id = ? WHERE id = ?`);
    const count = (column: ReplayCount): Database.Statement<[number, number]> =>
      db.prepare(`UPDATE replays SET ${column} = ${column} + ? WHERE id = ?`);
    this.#count = {
      sent_fresh: count('sent_fresh'),
      sent_late: count('sent_late'),
      sent_too_old: count('sent_too_old'),
    };
    // What was planned and not sent has become too old or was removed in between.
    this.#finish = db.prepare(
      `UPDATE replays SET state = 'done', sent_too_old = max(total - sent_fresh - sent_late, sent_too_old) WHERE id = ?`,
    );
    this.#forget = db.prepare(
      `DELETE FROM replays WHERE state IN ('done', 'failed') AND id <= (SELECT max(id) FROM replays) - ?`,
    );
    this.#fail = db.prepare(`UPDATE replays SET state = 'failed' WHERE sink = ? AND state IN ('queued', 'running')`);
  }

  insert(replay: Omit<StoredReplay, 'id' | 'sentFresh' | 'sentLate' | 'sentTooOld' | 'cursorId'>): number {
    const { sink, fromAt, toAt, device, total, asMetrics, late, tooOld, cursorMinute, state } = replay;
    return Number(
      this.#insert.run(sink, fromAt, toAt, device, total, asMetrics, late, tooOld, cursorMinute, state).lastInsertRowid,
    );
  }

  /** The oldest one of a sink that is not finished. */
  next(sink: number): StoredReplay | null {
    return this.#next.get(sink) ?? null;
  }

  get(id: number): StoredReplay | null {
    return this.#get.get(id) ?? null;
  }

  /** The latest, oldest first. */
  recent(): StoredReplay[] {
    return this.#recent.all().toReversed();
  }

  moveCursor(id: number, minute: Minute, after: number): void {
    this.#move.run(minute, after, id);
  }

  count(id: number, name: ReplayCount, values: number): void {
    this.#count[name].run(values, id);
  }

  finish(id: number): void {
    this.#finish.run(id);
  }

  /** Keeps the table small. */
  forgetOld(): void {
    this.#forget.run(KEPT);
  }

  /** Gives up what a sink that is gone would have been sent. */
  failAll(sink: number): void {
    this.#fail.run(sink);
  }
}

/** As planned until it is done; then as it went. */
export function replayReport(replay: StoredReplay, sink: string): ReplayReport {
  const { id, fromAt, toAt, sentFresh, sentLate, sentTooOld, state } = replay;
  const done = sentFresh + sentLate + sentTooOld;
  const common = { id, sink, from: fromAt, to: toAt, done, state };
  if (state === 'done') return { ...common, total: done, asMetrics: sentFresh, late: sentLate, tooOld: sentTooOld };
  const { total, asMetrics, late, tooOld } = replay;
  return { ...common, total, asMetrics, late, tooOld };
}
