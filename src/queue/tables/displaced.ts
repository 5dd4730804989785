import type Database from 'better-sqlite3';
import type { Minute } from '../../model/time.ts';
import { firstKeyOf } from './reading-key.ts';

/** A device whose clock stands still would lead to every minute there is. */
const LIMIT = 16;

/** For readings not stored under their device's time: from the minute the device said to the minutes they are in. */
export class Displaced {
  readonly #add: Database.Statement<[Minute, Minute]>;
  readonly #of: Database.Statement<[Minute, number], { minute: Minute }>;
  readonly #prune: Database.Statement<[Minute]>;

  constructor(db: Database.Database) {
    this.#add = db.prepare('INSERT INTO displaced (device_minute, minute) VALUES (?, ?) ON CONFLICT DO NOTHING');
    this.#of = db.prepare('SELECT minute FROM displaced WHERE device_minute = ? ORDER BY minute DESC LIMIT ?');
    // Minutes older than that are still there while somebody waits for them.
    this.#prune = db.prepare(
      `DELETE FROM displaced WHERE minute < ? AND NOT EXISTS
         (SELECT 1 FROM readings AS r WHERE r.key >= ${firstKeyOf('displaced.minute')} AND r.key < ${firstKeyOf('(displaced.minute + 1)')})`,
    );
  }

  add(deviceMinute: Minute, minute: Minute): void {
    this.#add.run(deviceMinute, minute);
  }

  /** The newest minutes that may hold readings of that device minute. */
  minutesOf(deviceMinute: Minute): Minute[] {
    return this.#of.all(deviceMinute, LIMIT).map(({ minute }) => minute);
  }

  /** Forgets minutes before this one that hold no readings any more. */
  prune(before: Minute): void {
    this.#prune.run(before);
  }
}
