import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BALLAST_BYTES } from '../../src/queue/file/ballast.ts';
import type { Inspector } from '../../src/queue/inspector.ts';
import { openInspector } from '../../src/queue/open-inspector.ts';
import type { Opening } from '../../src/queue/queue.ts';
import type { ClaimBounds } from '../../src/queue/work/item-limit.ts';
import { openStore } from '../../src/queue/work/open-store.ts';
import type { Store } from '../../src/queue/work/store.ts';
import { queueOptions, T0 } from '../support/queue-fixture.ts';
import { silentLog } from '../support/silent-log.ts';
import { RETENTION, TTL } from './queue.model.ts';

/** No fsync matters here: what a power cut leaves is the matter of another test. */
const FAST = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();
const MIB = 1024 ** 2;
/** Neither full nor so roomy that a ballast file would be written at each opening. */
const DISK = { freeBytes: BALLAST_BYTES * 1.5, totalBytes: BALLAST_BYTES * 4 };

/** The queue itself on this thread, in a directory that a crash replaces by a copy of what was on disk at that instant. */
export class RealQueue {
  readonly budgetBytes: number;
  readonly claimBounds: ClaimBounds;
  /** Reached within a run. */
  readonly isSmall: boolean;
  /** Steps taken, readings it has taken over, and claims given behind another one. */
  readonly did = { steps: 0, readings: 0, ahead: 0 };
  readonly #root = mkdtempSync(join(FAST, 'gateway-model-'));
  #life = 0;
  #store: Store;
  #opening: Opening;

  constructor(budgetBytes: number, claimBounds: ClaimBounds) {
    this.budgetBytes = budgetBytes;
    this.claimBounds = claimBounds;
    this.isSmall = budgetBytes < MIB;
    ({ store: this.#store, opening: this.#opening } = this.#open('boot-1'));
  }

  get store(): Store {
    return this.#store;
  }

  get opening(): Opening {
    return this.#opening;
  }

  get dataDir(): string {
    return join(this.#root, String(this.#life));
  }

  /** What kill -9 leaves: the files as they are now, without what was in memory. */
  crash(bootId: string): void {
    const { dataDir } = this;
    this.#life++;
    mkdirSync(this.dataDir);
    for (const file of ['queue.db', 'queue.db-wal']) copyFileSync(join(dataDir, file), join(this.dataDir, file));
    this.#store.database.connection.close();
    rmSync(dataDir, { recursive: true });
    ({ store: this.#store, opening: this.#opening } = this.#open(bootId));
  }

  reopen(bootId: string): void {
    this.#store.close();
    ({ store: this.#store, opening: this.#opening } = this.#open(bootId));
  }

  /** Does something to a file that may not grow any more. */
  atItsLimit<T>(work: () => T): T {
    const { connection } = this.#store.database;
    const most = Number(connection.pragma('max_page_count', { simple: true }));
    connection.pragma(`max_page_count = ${Number(connection.pragma('page_count', { simple: true }))}`);
    try {
      return work();
    } finally {
      connection.pragma(`max_page_count = ${most}`);
    }
  }

  /** What a command beside the daemon does. */
  inspect<T>(work: (inspector: Inspector) => T): T {
    const inspector = openInspector(this.dataDir);
    try {
      return work(inspector);
    } finally {
      inspector.close();
    }
  }

  end(): void {
    if (this.#store.database.connection.open) this.#store.database.connection.close();
    rmSync(this.#root, { recursive: true, force: true });
  }

  #open(bootId: string): { store: Store; opening: Opening } {
    const options = queueOptions({
      dataDir: this.dataDir,
      bootId,
      ttlMs: TTL,
      retentionMs: RETENTION,
      budgetBytes: this.budgetBytes,
    });
    const { claimBounds } = this;
    return openStore(options, { now: T0, startedMono: 0, log: silentLog, diskSpace: () => DISK, claimBounds });
  }
}
