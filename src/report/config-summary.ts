import type { Problem } from '../model/problem.ts';
import type { DurationMs } from '../model/time.ts';

/** What a status needs to know of the configuration. */
export interface ConfigSummary {
  /** False where it does not load: what is missing here may well be configured. */
  readonly isKnown: boolean;
  /** Where the database is, or will be. */
  readonly queuePath: string;
  readonly budgetBytes: number;
  readonly minFreeDiskBytes: number;
  readonly sources: readonly SourceSummary[];
  readonly sinks: readonly SinkSummary[];
  /** What is allowed but should not stay. */
  readonly warnings: readonly Problem[];
}

export interface SourceSummary {
  readonly name: string;
  readonly type: string;
  readonly silentAfterMs: DurationMs;
}

export interface SinkSummary {
  readonly name: string;
  readonly type: string;
  /** Names of its routes in order of preference. */
  readonly routes: readonly string[];
}
