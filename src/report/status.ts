/** The shape of `gateway status --json`: a stable contract; fields are added, never renamed. */
import type { Health, Problem } from '../model/problem.ts';

export interface Status {
  readonly version: string;
  readonly health: Health;
  readonly problems: readonly Problem[];
  readonly daemon: {
    readonly running: boolean;
    readonly startedAt: string | null;
    readonly lastCommitAt: string | null;
  };
  readonly clock: { readonly state: 'confirmed' | 'unconfirmed' | 'corrected'; readonly offsetMs: number };
  readonly queue: {
    readonly path: string;
    readonly pendingReadings: number;
    readonly pendingValues: number;
    readonly oldestPendingAt: string | null;
    readonly oldestPendingAgeSeconds: number | null;
    readonly storedReadings: number;
    readonly sizeBytes: number;
    readonly budgetBytes: number;
    readonly diskFreeBytes: number;
  };
  readonly intake: {
    readonly messages: number;
    readonly used: number;
    readonly duplicates: number;
    readonly refused: number;
    readonly ignored: number;
    readonly refusedFields: number;
    readonly readings: number;
    readonly values: number;
  };
  readonly sources: readonly {
    readonly name: string;
    readonly type: string;
    readonly state: 'connected' | 'connecting' | 'silent' | 'failed';
    readonly lastReadingAt: string | null;
    readonly readings: number;
    readonly lastRefusal: { readonly at: string; readonly topic: string; readonly reason: string } | null;
    /** Those that tell a state; empty while no daemon runs. */
    readonly devices: readonly {
      readonly name: string;
      readonly state: string | null;
      readonly faults: readonly string[];
      /** Null while it answers; otherwise state and faults are what it said before. */
      readonly silence: { readonly since: string | null; readonly reason: string | null } | null;
    }[];
  }[];
  readonly sinks: readonly {
    readonly name: string;
    readonly type: string;
    readonly state: 'ok' | 'retrying' | 'blocked' | 'idle' | 'removed';
    readonly lastSuccessAt: string | null;
    readonly lastError: StatusError | null;
    readonly nextAttemptAt: string | null;
    readonly expiringWithinMinutes: { readonly 10: number; readonly 60: number };
    readonly routes: readonly {
      readonly name: string;
      readonly state: 'ok' | 'retrying' | 'blocked' | 'idle';
      readonly pendingValues: number;
      readonly lastError: StatusError | null;
    }[];
    readonly ledger: {
      readonly accepted: number;
      readonly delivered: number;
      readonly late: number;
      readonly pending: number;
      readonly expired: number;
      readonly evicted: number;
      readonly deadLettered: number;
    };
    readonly requests: number;
    readonly lines: number;
    readonly bytesSent: number;
  }[];
  readonly replays: readonly {
    readonly id: number;
    readonly sink: string;
    readonly from: string;
    readonly to: string;
    readonly total: number;
    readonly asMetrics: number;
    readonly late: number;
    readonly tooOld: number;
    readonly done: number;
    readonly state: 'queued' | 'running' | 'done' | 'failed';
  }[];
}

export interface StatusError {
  readonly at: string;
  readonly status: number | null;
  readonly message: string;
}
