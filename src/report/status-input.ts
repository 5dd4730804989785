import type { EpochMs } from '../model/time.ts';
import type { QueueReport } from '../queue/queue.ts';
import type { ConfigSummary } from './config-summary.ts';

/** Everything a status is made of. */
export interface StatusInput {
  readonly version: string;
  /** The time the gateway believes: the wall clock plus the offset of its clock document while it runs. */
  readonly now: EpochMs;
  readonly daemonRunning: boolean;
  /** Null when there is no database yet. */
  readonly report: QueueReport | null;
  readonly config: ConfigSummary;
  /** Free bytes where the database will be; used while there is none. */
  readonly diskFreeBytes: number;
}
