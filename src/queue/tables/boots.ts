import type Database from 'better-sqlite3';
import type { Minute } from '../../model/time.ts';

export interface Boot {
  readonly id: number;
  readonly uuid: string;
  readonly confirmed: boolean;
}

/** The boots that stored readings, and which minutes hold readings whose time depends on a clock not confirmed so far. */
export class Boots {
  readonly #select: Database.Statement<[], { id: number; uuid: string; confirmed: number }>;
  readonly #insert: Database.Statement<[string, number]>;
  readonly #confirm: Database.Statement<[number]>;
  readonly #mark: Database.Statement<[number, Minute]>;
  readonly #unmark: Database.Statement<[number, Minute]>;
  readonly #minutes: Database.Statement<[number], { minute: Minute }>;

  constructor(db: Database.Database) {
    this.#select = db.prepare('SELECT id, uuid, confirmed FROM boots ORDER BY id');
    this.#insert = db.prepare('INSERT INTO boots (uuid, confirmed) VALUES (?, ?)');
    this.#confirm = db.prepare('UPDATE boots SET confirmed = 1 WHERE id = ?');
    this.#mark = db.prepare('INSERT INTO provisional (boot, minute) VALUES (?, ?) ON CONFLICT DO NOTHING');
    this.#unmark = db.prepare('DELETE FROM provisional WHERE boot = ? AND minute = ?');
    this.#minutes = db.prepare('SELECT minute FROM provisional WHERE boot = ? ORDER BY minute');
  }

  all(): Boot[] {
    return this.#select.all().map(({ id, uuid, confirmed }) => ({ id, uuid, confirmed: confirmed === 1 }));
  }

  insert(uuid: string, confirmed: boolean): Boot {
    return { id: Number(this.#insert.run(uuid, confirmed ? 1 : 0).lastInsertRowid), uuid, confirmed };
  }

  confirm(id: number): void {
    this.#confirm.run(id);
  }

  mark(boot: number, minute: Minute): void {
    this.#mark.run(boot, minute);
  }

  unmark(boot: number, minute: Minute): void {
    this.#unmark.run(boot, minute);
  }

  provisionalMinutes(boot: number): Minute[] {
    return this.#minutes.all(boot).map(({ minute }) => minute);
  }
}
