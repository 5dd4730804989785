/**
 * The documents the daemon leaves in the queue's state (`Queue.putState`) and `status` reads back. Times are EpochMs.
 * A reader treats a missing or malformed document as absent: an older or newer daemon may have written it.
 */
import type { Problem } from '../model/problem.ts';
import type { DurationMs, EpochMs } from '../model/time.ts';

/** Key `daemon`. */
export interface DaemonState {
  readonly version: string;
  readonly pid: number;
  readonly startedAt: EpochMs;
  /** Written at least once a minute while the daemon makes progress. */
  readonly beatAt: EpochMs;
  /** Problems that belong to no source or sink. */
  readonly problems: readonly Problem[];
  readonly loopDelayP99Ms: number;
  readonly residentBytes: number;
  /** Names of the sources it was started with. */
  readonly sources: readonly string[];
}

/** Key `clock`. */
export interface ClockState {
  readonly state: 'confirmed' | 'unconfirmed' | 'corrected';
  readonly offsetMs: DurationMs;
  /** How it was confirmed: `timesyncd`, `chrony`, `adjtimex` or the sink's name. */
  readonly by: string | null;
}

/** Key `source:<name>`. */
export interface SourceState {
  readonly type: string;
  readonly state: 'connected' | 'connecting' | 'silent' | 'failed';
  readonly detail: string | null;
  readonly problems: readonly Problem[];
  /** All its devices are without supply, as at night: that they bring nothing is no failure. */
  readonly asleep?: boolean;
  readonly devices?: readonly DeviceState[];
}

/** What a device last said of itself, in words. */
export interface DeviceState {
  readonly name: string;
  readonly state: string | null;
  readonly faults: readonly string[];
  /** Null while it answers. */
  readonly silence?: SilenceState | null;
}

export interface SilenceState {
  /** Its last answer; null where it has given none since the start. */
  readonly since: EpochMs | null;
  /** Null where nobody knows. */
  readonly reason: string | null;
}

/** Key `sink:<name>`. */
export interface SinkState {
  readonly type: string;
  readonly lastSuccessAt: EpochMs | null;
  readonly requests: number;
  readonly lines: number;
  readonly bytesSent: number;
  readonly problems: readonly Problem[];
}

/** Key `sink:<name>:<route>`. */
export interface RouteState {
  readonly state: 'ok' | 'retrying' | 'blocked' | 'idle';
  readonly nextAttemptAt: EpochMs | null;
  readonly lastError: { readonly at: EpochMs; readonly status: number | null; readonly message: string } | null;
  readonly hint: string | null;
}
