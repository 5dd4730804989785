/**
 * The queue as the command line sees it: another process, the daemon alive or not. Reading opens the file read-only; the
 * few writes (a replay's intent, dead letters) are single short transactions that the daemon notices.
 */
import type { ReadingColumns } from '../model/reading-columns.ts';
import type { EpochMs, DurationMs } from '../model/time.ts';
import type { QueueReport, ReplayReport } from './queue.ts';

export interface Inspector {
  /** Whether a daemon holds the data directory's lock. */
  daemonRunning(): boolean;
  /** Null when there is no database yet. Throws a GatewayError with exit code 5 when the file is newer than this program. */
  report(now: EpochMs): QueueReport | null;
  /** Stored readings in [from, to), oldest minute first, a page at a time; ids ascend within a minute. */
  history(range: HistoryRange): Iterable<ReadingColumns>;
  /** Of which anything was ever stored, sorted; empty without a database. */
  devices(): string[];
  planReplay(request: ReplayRequest): ReplayPlan;
  /** Writes the intents, one per sink; the daemon performs them. */
  queueReplay(request: ReplayRequest): ReplayReport[];
  replay(id: number): ReplayReport | null;
  deadLetters(filter: DeadLetterFilter): DeadLetter[];
  countDeadLetters(filter: DeadLetterFilter): { letters: number; values: number };
  /** Makes them pending again; the number of values. */
  retryDeadLetters(filter: DeadLetterFilter): number;
  /** Deletes them; the ledger keeps the count. */
  purgeDeadLetters(filter: DeadLetterFilter): number;
  close(): void;
}

export interface HistoryRange {
  readonly from: EpochMs;
  readonly to: EpochMs;
  readonly device?: string;
}

export interface ReplayRequest extends HistoryRange {
  /** All configured sinks when absent. */
  readonly sink?: string;
  /** Widen the range to whole minutes (needed when the sink folds). */
  readonly wholeMinutes: boolean;
  readonly now: EpochMs;
  /** By sink, the windows of its routes in order; decides what is fresh, late and too old. */
  readonly windows: Readonly<Record<string, readonly { readonly route: string; readonly behindMs: DurationMs }[]>>;
}

/** Counts in values. What is still pending is skipped. */
export interface ReplayPlan {
  readonly from: EpochMs;
  readonly to: EpochMs;
  readonly sinks: readonly {
    readonly sink: string;
    readonly total: number;
    readonly asMetrics: number;
    readonly late: number;
    readonly tooOld: number;
    readonly skippedPending: number;
  }[];
}

export interface DeadLetterFilter {
  readonly sink?: string;
  readonly device?: string;
  readonly from?: EpochMs;
  readonly to?: EpochMs;
  readonly limit?: number;
}

export interface DeadLetter {
  readonly id: number;
  readonly sink: string;
  readonly device: string;
  readonly quantity: string;
  readonly samples: readonly (readonly [at: EpochMs, value: number])[];
  readonly reason: string;
  readonly refusedAt: EpochMs;
}
