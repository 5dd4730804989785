import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Log } from '../../platform/log.ts';
import type { EpochMs, MonoMs } from '../../model/time.ts';
import type { DiskSpace } from '../../platform/disk-space.ts';
import { openWriter } from '../file/connection.ts';
import { Ballast } from '../file/ballast.ts';
import { BALLAST_FILE, prepareDataDir } from '../file/data-dir.ts';
import { forgetDamage, isMarkedDamaged, moveAside, movedEarlier } from '../file/quarantine.ts';
import { troubleOf } from '../file/sqlite-error.ts';
import { hasRunHere } from '../file/storage-note.ts';
import { moveStrayWal } from '../file/stray-wal.ts';
import type { Opening, QueueOptions } from '../queue.ts';
import type { ClaimBounds } from './item-limit.ts';
import { Store } from './store.ts';

export interface StoreDependencies {
  readonly now: EpochMs;
  readonly startedMono: MonoMs;
  readonly diskSpace: DiskSpace;
  readonly log: Log;
  readonly claimBounds?: ClaimBounds;
}

/** Opens the database of a data directory whose lock is held; moves a damaged one aside and begins a new one. */
export function openStore(options: QueueOptions, dependencies: StoreDependencies): { store: Store; opening: Opening } {
  // Again with the lock held: its file, and what another gateway left open to others meanwhile, are closed too.
  const path = prepareDataDir(options.dataDir);
  const strayWal = moveStrayWal(path, dependencies.now);
  if (strayWal !== null) {
    dependencies.log.error(
      { movedTo: strayWal },
      'a write-ahead log of another database was moved aside, nothing is lost',
    );
  }
  const movedBefore = movedEarlier(path);
  if (movedBefore === null && !existsSync(path)) forgetDamage(path);
  try {
    if (movedBefore !== null) return openSuccessor(path, options, dependencies, movedBefore);
    if (!isMarkedDamaged(path) && !isEmptied(path)) return openWithBallast(path, options, dependencies, null);
  } catch (error) {
    if (troubleOf(error) !== 'corrupt') throw error;
    dependencies.log.error({ err: error }, 'the database is damaged');
  }
  return openSuccessor(path, options, dependencies, moveAside(path, dependencies.now));
}

/** SQLite takes a file without a byte for a new database, and throws its WAL away. */
function isEmptied(path: string): boolean {
  return hasRunHere(path) && statSync(path, { throwIfNoEntry: false })?.size === 0;
}

/** Opens the database that takes the place of a damaged one. */
function openSuccessor(
  path: string,
  options: QueueOptions,
  dependencies: StoreDependencies,
  movedTo: string,
): { store: Store; opening: Opening } {
  dependencies.log.error(
    { movedTo },
    'the damaged database was moved aside; a new one begins, readable readings are taken over',
  );
  const opened = openWithBallast(path, options, dependencies, movedTo);
  forgetDamage(path);
  return opened;
}

/** A disk that is full at the start has the ballast left to begin with. */
function openWithBallast(
  path: string,
  options: QueueOptions,
  dependencies: StoreDependencies,
  movedTo: string | null,
): { store: Store; opening: Opening } {
  try {
    return open(path, options, dependencies, movedTo);
  } catch (error) {
    const ballast = new Ballast(join(options.dataDir, BALLAST_FILE));
    if (troubleOf(error) !== 'full' || !ballast.release()) throw error;
    dependencies.log.warn({ err: error }, 'the disk is full: the space kept for this is used to open the database');
    return open(path, options, dependencies, movedTo);
  }
}

function open(
  path: string,
  options: QueueOptions,
  { diskSpace, now, startedMono, claimBounds }: StoreDependencies,
  movedTo: string | null,
): { store: Store; opening: Opening } {
  const connection = openWriter(path, options.budgetBytes);
  try {
    const unclean = wasUnclean(connection);
    const store = new Store({ connection, path, options, diskSpace, startedMono, claimBounds });
    const { meta, counters } = store.database.tables;
    if (movedTo !== null && meta.get('salvage')?.movedTo !== movedTo) {
      store.database.commit(() =>
        meta.set('salvage', { at: now, movedTo, readingsRecovered: 0, readingsLost: null, done: false }),
      );
    }
    const opening: Opening = {
      unclean,
      safeForMs: store.safeForMs,
      newestAt: counters.get('queue', 'newest_at'),
      expiredUnknownTime: store.expiredUnknownTime,
      databaseId: meta.databaseId(),
      salvaged: meta.get('salvage'),
    };
    return { store, opening };
  } catch (error) {
    connection.close();
    throw error;
  }
}

/** Asked before the store takes the mark of the clean stop away; a new file was never stopped. */
function wasUnclean(connection: ReturnType<typeof openWriter>): boolean {
  const row = connection.prepare<[], { json: string }>("SELECT json FROM meta WHERE key = 'clean'").get();
  return row !== undefined && row.json !== 'true';
}
