import type Database from 'better-sqlite3';
import type { Shape } from '../../model/reading-columns.ts';
import { corrupt } from '../file/sqlite-error.ts';

/** Sets of quantities stand once; readings name them by number. They are few, so all are kept in memory. */
export class Shapes {
  readonly #select: Database.Statement<[], { id: number; quantities: string }>;
  readonly #insert: Database.Statement<[string]>;
  readonly #ids = new Map<string, number>();
  readonly #byId = new Map<number, Shape>();

  constructor(db: Database.Database) {
    this.#select = db.prepare('SELECT id, quantities FROM shapes');
    this.#insert = db.prepare('INSERT INTO shapes (quantities) VALUES (?)');
    this.reload();
  }

  idOf(shape: Shape): number {
    const key = JSON.stringify(shape);
    const known = this.#ids.get(key);
    if (known !== undefined) return known;
    const id = Number(this.#insert.run(key).lastInsertRowid);
    this.#remember(id, key);
    return id;
  }

  get(id: number): Shape {
    const shape = this.#byId.get(id) ?? this.#reread(id);
    if (shape === undefined) throw corrupt(`no shape ${id}`);
    return shape;
  }

  /** Forgets what a rolled back transaction may have added. */
  reload(): void {
    this.#ids.clear();
    this.#byId.clear();
    for (const { id, quantities } of this.#select.all()) this.#remember(id, quantities);
  }

  #reread(id: number): Shape | undefined {
    this.reload();
    return this.#byId.get(id);
  }

  #remember(id: number, key: string): void {
    this.#ids.set(key, id);
    this.#byId.set(id, JSON.parse(key) as Shape);
  }
}
