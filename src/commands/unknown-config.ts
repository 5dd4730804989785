import { join } from 'node:path';
import type { QueueReport } from '../queue/queue.ts';
import type { ConfigSummary } from '../report/config-summary.ts';
import { sourceState } from '../report/state-documents.ts';

/** What a status can say where the configuration does not load: the sources and sinks are those that the database knows. */
export function unknownConfig(dataDir: string, report: QueueReport | null): ConfigSummary {
  return {
    isKnown: false,
    queuePath: join(dataDir, 'queue.db'),
    budgetBytes: 0,
    minFreeDiskBytes: 0,
    sources: (report?.sources ?? []).map(({ name }) => ({
      name,
      type: sourceState(report?.state ?? {}, name)?.type ?? 'unknown',
      // How long each may be silent stands in the configuration.
      silentAfterMs: Infinity,
    })),
    sinks: (report?.sinks ?? [])
      .filter(({ removed }) => !removed)
      .map(({ name, type, routes }) => ({ name, type, routes: routes.map((route) => route.name) })),
    warnings: [],
  };
}
