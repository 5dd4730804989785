import type Database from 'better-sqlite3';
import type { Origin } from '../../model/reading.ts';
import { corrupt } from '../file/sqlite-error.ts';

interface Row {
  readonly id: number;
  readonly source: string;
  readonly device: string;
  readonly serial: string | null;
}

/** Origins stand once; readings name them by number. There are as many as devices, so all are kept in memory. */
export class Origins {
  readonly #select: Database.Statement<[], Row>;
  readonly #insert: Database.Statement<[string, string, string | null]>;
  readonly #ids = new Map<string, number>();
  /** Most origins come again as the same object, which needs no key. */
  #idsOfSame = new WeakMap<Origin, number>();
  readonly #byId = new Map<number, Origin>();
  #lastId = 0;

  constructor(db: Database.Database) {
    this.#select = db.prepare('SELECT id, source, device, serial FROM origins');
    this.#insert = db.prepare('INSERT INTO origins (source, device, serial) VALUES (?, ?, ?)');
    this.reload();
  }

  /** The highest number an origin has. */
  get lastId(): number {
    return this.#lastId;
  }

  idOf(origin: Origin): number {
    const same = this.#idsOfSame.get(origin);
    if (same !== undefined) return same;
    const id = this.#ids.get(keyOf(origin)) ?? this.#store(origin);
    this.#idsOfSame.set(origin, id);
    return id;
  }

  get(id: number): Origin {
    const origin = this.#byId.get(id) ?? this.#reread(id);
    if (origin === undefined) throw corrupt(`no origin ${id}`);
    return origin;
  }

  /** Each once, sorted. */
  devices(): string[] {
    return [...new Set([...this.#byId.values()].map(({ device }) => device))].sort();
  }

  /** Forgets what a rolled back transaction may have added. */
  reload(): void {
    this.#ids.clear();
    this.#idsOfSame = new WeakMap();
    this.#byId.clear();
    this.#lastId = 0;
    for (const { id, source, device, serial } of this.#select.all()) this.#remember(id, { device, serial, source });
  }

  #store(origin: Origin): number {
    const id = Number(this.#insert.run(origin.source, origin.device, origin.serial).lastInsertRowid);
    this.#remember(id, origin);
    return id;
  }

  #reread(id: number): Origin | undefined {
    this.reload();
    return this.#byId.get(id);
  }

  #remember(id: number, origin: Origin): void {
    this.#ids.set(keyOf(origin), id);
    this.#byId.set(id, origin);
    this.#lastId = Math.max(this.#lastId, id);
  }
}

function keyOf({ source, device, serial }: Origin): string {
  return JSON.stringify([source, device, serial]);
}
