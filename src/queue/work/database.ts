import type BetterSqlite3 from 'better-sqlite3';
import { statSync } from 'node:fs';
import { PAGE_BYTES, WAL_LIMIT_BYTES } from '../file/connection.ts';
import { corrupt, troubleOf } from '../file/sqlite-error.ts';
import { tablesOf, type Tables } from '../tables/tables.ts';

/** SQLite's own checkpoints, at half of the WAL's limit, have failed several times by then. */
const LARGE_WAL_BYTES = 3 * WAL_LIMIT_BYTES;

/** What rides along in every transaction: results that wait for a commit, state documents. */
export interface Rider {
  /** Writes what waits; the function returned is called once it is committed. */
  board(): () => void;
  /** Forgets what a transaction may have left in memory that was rolled back. */
  rolledBack(): void;
}

function boardAndWork(riders: readonly Rider[], work: () => unknown) {
  const landed = riders.map((rider) => rider.board());
  return { result: work(), landed };
}

/** The daemon's connection: every change goes through one of the three commits. */
export class Database {
  readonly connection: BetterSqlite3.Database;
  readonly tables: Tables;
  readonly #riders: Rider[] = [];
  readonly #changes: BetterSqlite3.Statement<[], number>;
  /** Made once: the library defines half a dozen properties for each one. */
  readonly #inTransaction: BetterSqlite3.Transaction<typeof boardAndWork>;
  #freeReserve = (): boolean => false;
  #onWritten = (): void => undefined;

  constructor(connection: BetterSqlite3.Database) {
    this.connection = connection;
    this.tables = tablesOf(connection);
    this.#changes = connection.prepare<[], number>('SELECT total_changes()').pluck();
    this.#inTransaction = connection.transaction(boardAndWork);
  }

  addRider(rider: Rider): void {
    this.#riders.push(rider);
  }

  /** Called when a disk is full; says whether it has freed the space that is kept for what `commit` and `commitAlone` write. */
  useReserve(free: () => boolean): void {
    this.#freeReserve = free;
  }

  /** Called after every commit that wrote something. */
  whenWritten(listener: () => void): void {
    this.#onWritten = listener;
  }

  /**
   * Runs `work` in a transaction after what rides along; durable when it returns. Nothing has changed when it throws. `work`
   * may run twice: with the reserve where the disk is full.
   */
  commit<T>(work: () => T): T {
    return this.#withReserve(() => this.#transact(this.#riders, work));
  }

  /** The same without what rides along: room must be made before that can be written. */
  commitAlone<T>(work: () => T): T {
    return this.#withReserve(() => this.#transact([], work));
  }

  /** As `commit`, for readings: the reserve is not for what makes the queue grow. */
  commitReadings<T>(work: () => T): T {
    return this.#transact(this.#riders, work);
  }

  /** Bytes in use: free pages inside the file count as free. */
  get usedBytes(): number {
    return (this.#number('page_count') - this.#number('freelist_count')) * PAGE_BYTES;
  }

  get fileBytes(): number {
    return this.#number('page_count') * PAGE_BYTES;
  }

  /** What may still be stored before the file is at its limit. */
  get roomBytes(): number {
    return this.#number('max_page_count') * PAGE_BYTES - this.usedBytes;
  }

  get freePages(): number {
    return this.#number('freelist_count');
  }

  /** Brings what is in the WAL to the file; throws what SQLite's own checkpoints keep to themselves. */
  checkpoint(): void {
    this.connection.pragma('wal_checkpoint(PASSIVE)');
  }

  /** The same, and gives the WAL's space back to the disk where no reader needs it. */
  emptyWal(): void {
    this.connection.pragma('wal_checkpoint(TRUNCATE)');
  }

  /**
   * Keeps the WAL from growing without end. When it cannot be brought to the file again and again, the file cannot be written
   * any more: it is as good as damaged, and everything in both can still be read.
   */
  boundWal(): void {
    if ((statSync(`${this.connection.name}-wal`, { throwIfNoEntry: false })?.size ?? 0) < LARGE_WAL_BYTES) return;
    try {
      this.checkpoint();
    } catch (cause) {
      if (troubleOf(cause) !== 'io') throw cause;
      throw corrupt('the database file cannot be written any more', { cause });
    }
  }

  /** Gives free pages at the end of the file back to the disk. */
  vacuum(pages: number): void {
    this.connection.pragma(`incremental_vacuum(${pages})`);
  }

  #withReserve<T>(transact: () => T): T {
    try {
      return transact();
    } catch (error) {
      if (troubleOf(error) !== 'full' || !this.#freeReserve()) throw error;
      return transact();
    }
  }

  #transact<T>(riders: readonly Rider[], work: () => T): T {
    const before = this.#changes.get();
    const result = this.#commit(riders, work);
    if (this.#changes.get() !== before) this.#onWritten();
    return result;
  }

  #commit<T>(riders: readonly Rider[], work: () => T): T {
    try {
      const { result, landed } = this.#inTransaction.immediate(riders, work);
      for (const land of landed) land();
      return result as T;
    } catch (error) {
      this.tables.origins.reload();
      this.tables.shapes.reload();
      for (const rider of this.#riders) rider.rolledBack();
      throw error;
    }
  }

  #number(pragma: string): number {
    return Number(this.connection.pragma(pragma, { simple: true }));
  }
}
