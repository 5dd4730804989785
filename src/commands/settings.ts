import type { DurationMs } from '../model/time.ts';
import type { ConfigSummary } from '../report/config-summary.ts';

/** The configuration as the commands that look at the queue need it. */
export interface Settings {
  readonly dataDir: string;
  /** Dimensions of every metric. */
  readonly dimensions: Readonly<Record<string, string>>;
  readonly summary: ConfigSummary;
  readonly sinks: readonly ReplaySink[];
}

/** How a sink takes old readings. */
export interface ReplaySink {
  readonly name: string;
  /** It sends whole minutes, so a replay is of whole minutes. */
  readonly folds: boolean;
  /** Windows of its routes in order of preference. */
  readonly windows: readonly { readonly route: string; readonly behindMs: DurationMs }[];
}
