import { join } from 'node:path';
import type { Config } from '../config/config.ts';
import type { ConfigSummary } from '../report/config-summary.ts';
import { sinkRoutes } from './sink-routes.ts';

/** What a status needs to know of a configuration. */
export function summarise(config: Config): ConfigSummary {
  return {
    isKnown: true,
    queuePath: join(config.dataDir, 'queue.db'),
    budgetBytes: config.queue.budgetBytes,
    minFreeDiskBytes: config.queue.minFreeDiskBytes,
    sources: config.sources.map(({ name, type, silentAfterMs }) => ({ name, type, silentAfterMs })),
    sinks: config.sinks.map((sink) => ({
      name: sink.name,
      type: sink.type,
      routes: sinkRoutes(sink).map((window) => window.route),
    })),
    get warnings() {
      return config.warnings;
    },
  };
}
