import type { Config } from '../config/config.ts';
import type { ConfigSummary } from '../report/config-summary.ts';
import { sinkRoutes, type RouteWindow } from './sink-routes.ts';
import { summarise } from './summarise.ts';

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
  readonly windows: readonly RouteWindow[];
}

export function settingsOf(config: Config): Settings {
  return {
    dataDir: config.dataDir,
    dimensions: config.dimensions,
    summary: summarise(config),
    sinks: config.sinks.map((sink) => ({
      name: sink.name,
      folds: sink.resolution === 'minute',
      windows: sinkRoutes(sink),
    })),
  };
}
