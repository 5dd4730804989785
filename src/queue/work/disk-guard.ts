import { join } from 'node:path';
import type { EpochMs } from '../../model/time.ts';
import type { DiskSpace } from '../../platform/disk-space.ts';
import { Ballast, BALLAST_BYTES } from '../file/ballast.ts';
import { BALLAST_FILE } from '../file/data-dir.ts';
import { troubleOf } from '../file/sqlite-error.ts';
import type { Appended, QueueOptions } from '../queue.ts';
import type { Database } from './database.ts';
import type { Pruned, Pruning } from './pruning.ts';

/** The queue may always have this much, however little the disk has left: evicting all would save next to nothing. */
const FLOOR_BYTES = 32 * 1024 ** 2;
/** The file must not grow towards a nearly full disk; what is appended until the next look fits in here. */
const HEADROOM_BYTES = 512 * 1024;
/** More than any append takes. */
const LARGEST_APPEND_BYTES = 8 * 1024 ** 2;
/** Free space at which a disk that was full counts as usable again. */
const USABLE_BYTES = 2 * BALLAST_BYTES;

export interface DiskGuardParts {
  readonly database: Database;
  readonly pruning: Pruning;
  readonly options: QueueOptions;
  readonly diskSpace: DiskSpace;
}

/**
 * Keeps the file within its budget and the disk usable. Two states: normal, with the ballast on disk; and full, from the
 * first ENOSPC on: the ballast is gone to what is settled and deleted, and appends are rejected until there is space again.
 * The oldest readings make the first room for an append; later only settled ones give way, because what is pending is better
 * off waiting here than lost.
 */
export class DiskGuard {
  readonly #database: Database;
  readonly #pruning: Pruning;
  readonly #options: QueueOptions;
  readonly #diskSpace: DiskSpace;
  readonly #ballast: Ballast;
  #full = false;

  constructor({ database, pruning, options, diskSpace }: DiskGuardParts) {
    this.#database = database;
    this.#pruning = pruning;
    this.#options = options;
    this.#diskSpace = diskSpace;
    this.#ballast = new Ballast(join(options.dataDir, BALLAST_FILE));
    database.useReserve(() => this.#freeBytes() < BALLAST_BYTES && this.#startFull());
  }

  /** What the queue may use: its budget, or where the disk runs low what the file has already. */
  get allowedBytes(): number {
    const { budgetBytes, minFreeDiskBytes } = this.#options;
    const free = this.#freeBytes();
    const growth = Math.max(0, free - minFreeDiskBytes);
    return Math.min(budgetBytes, Math.max(FLOOR_BYTES, this.#database.fileBytes + growth - HEADROOM_BYTES));
  }

  /** Runs an append; makes room and tries once more when the file is at its limit. Throws when the disk is full. */
  append(store: () => Appended, now: EpochMs | null): Appended {
    if (this.#full) this.#retryFull();
    try {
      return store();
    } catch (error) {
      if (troubleOf(error) !== 'full') throw error;
      // A transaction rolled back says nothing of how far it had come: the disk tells which of the two limits it was.
      if (this.#freeBytes() < BALLAST_BYTES) {
        this.#becomeFull(now);
        throw error;
      }
      // Neither: the disk had no space for a moment, or this user's quota is used up.
      if (this.#database.roomBytes > LARGEST_APPEND_BYTES) throw error;
      const { evicted } = this.#makeRoom(Math.min(this.#options.budgetBytes, this.#lessUsed()), now);
      return { ...store(), evicted };
    }
  }

  /** Ends the full state where there is space again, and sees to the ballast and the WAL. */
  recover(): void {
    this.#database.boundWal();
    if (this.#full && this.#freeBytes() < USABLE_BYTES) this.#giveBack();
    const free = this.#freeBytes();
    if (this.#full && free < USABLE_BYTES) return;
    if (!this.#ballast.held && free > Math.max(USABLE_BYTES, this.#options.minFreeDiskBytes / 2)) this.#ballast.hold();
    this.#full = false;
  }

  #retryFull(): void {
    this.recover();
    if (this.#full) throw new DiskFull();
  }

  #becomeFull(now: EpochMs | null): void {
    this.#startFull();
    unlessFull(() => {
      this.#makeRoom(Math.max(FLOOR_BYTES, this.#lessUsed()), now);
      this.#database.emptyWal();
    });
  }

  /** False when the ballast is used up already. */
  #startFull(): boolean {
    this.#full = true;
    return this.#ballast.release();
  }

  /** Some of the history, back to the disk: it may be the file itself that fills it. */
  #giveBack(): void {
    unlessFull(() => {
      finish(this.#pruning.keepSettledWithin(Math.max(FLOOR_BYTES, this.#lessUsed())));
      finish(this.#pruning.giveBack());
      this.#database.emptyWal();
    });
  }

  /** A fiftieth less, so that it does not come to this again with the next append. */
  #lessUsed(): number {
    return Math.floor(this.#database.usedBytes * 0.98);
  }

  #makeRoom(bytes: number, now: EpochMs | null): Pruned {
    return finish(this.#pruning.keepWithin(bytes, now));
  }

  #freeBytes(): number {
    return this.#diskSpace(this.#options.dataDir).freeBytes;
  }
}

class DiskFull extends Error {
  readonly code = 'ENOSPC';

  constructor() {
    super('the disk is full: readings are not taken until there is space again');
  }
}

/** Where not even deletions can be written, there is nothing to do but wait. */
function unlessFull(work: () => void): void {
  try {
    work();
  } catch (error) {
    if (troubleOf(error) !== 'full') throw error;
  }
}

function finish<T>(steps: Generator<void, T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}
