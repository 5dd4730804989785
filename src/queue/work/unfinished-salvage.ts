import { existsSync } from 'node:fs';
import type BetterSqlite3 from 'better-sqlite3';
import { Meta, type SalvageCursor, type SalvageJob } from '../tables/meta.ts';
import { isUnreadable } from './readable-rows.ts';

export interface UnfinishedSalvage {
  readonly job: SalvageJob;
  /** Null where nothing was taken over yet. */
  readonly cursor: SalvageCursor | null;
}

/** The salvage that the damage of this file cut short; null when there was none, or when that cannot be read. */
export function unfinishedSalvage(old: BetterSqlite3.Database): UnfinishedSalvage | null {
  try {
    const meta = new Meta(old);
    const job = meta.get('salvage');
    return job === null || job.done || !existsSync(job.movedTo) ? null : { job, cursor: meta.get('salvage_cursor') };
  } catch (error) {
    // What a damaged page holds need not be JSON.
    if (!isUnreadable(error) && !(error instanceof SyntaxError)) throw error;
    return null;
  }
}

/** What the next job has of it, after files that counted so many readings. */
export function olderFile(
  { job }: UnfinishedSalvage,
  counted: number | null,
): Pick<SalvageJob, 'movedTo' | 'countedLater'> {
  const { movedTo, readingsRecovered, countedLater = 0 } = job;
  // What was taken over from it is in the count of the file it was taken to.
  const known = counted !== null && countedLater !== null;
  return { movedTo, countedLater: known ? counted + countedLater - readingsRecovered : null };
}
