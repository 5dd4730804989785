import type Database from 'better-sqlite3';

/** Whom a count belongs to: the queue itself, `source:<name>` or `sink:<name>`. */
export type Owner = 'queue' | `source:${string}` | `sink:${string}`;

/** Named whole numbers, added to in the transaction of what they count. */
export class Counters {
  readonly #add: Database.Statement<[Owner, string, number]>;
  readonly #set: Database.Statement<[Owner, string, number]>;
  readonly #raise: Database.Statement<[Owner, string, number]>;
  readonly #get: Database.Statement<[Owner, string], { value: number }>;
  readonly #all: Database.Statement<[], { owner: Owner; name: string; value: number }>;

  constructor(db: Database.Database) {
    const insert =
      'INSERT INTO counters (owner, name, value) VALUES (?, ?, ?) ON CONFLICT (owner, name) DO UPDATE SET value =';
    this.#add = db.prepare(`${insert} value + excluded.value`);
    this.#set = db.prepare(`${insert} excluded.value`);
    this.#raise = db.prepare(`${insert} max(value, excluded.value)`);
    this.#get = db.prepare('SELECT value FROM counters WHERE owner = ? AND name = ?');
    this.#all = db.prepare('SELECT owner, name, value FROM counters');
  }

  add(owner: Owner, name: string, by: number): void {
    if (by !== 0) this.#add.run(owner, name, by);
  }

  set(owner: Owner, name: string, value: number): void {
    this.#set.run(owner, name, value);
  }

  /** Sets it unless it is higher already. */
  raise(owner: Owner, name: string, value: number): void {
    this.#raise.run(owner, name, value);
  }

  get(owner: Owner, name: string): number | null {
    return this.#get.get(owner, name)?.value ?? null;
  }

  /** All counts of all owners, by owner and name. */
  all(): Map<Owner, Map<string, number>> {
    const owners = new Map<Owner, Map<string, number>>();
    for (const { owner, name, value } of this.#all.all()) {
      const counts = owners.get(owner) ?? new Map<string, number>();
      owners.set(owner, counts.set(name, value));
    }
    return owners;
  }
}
