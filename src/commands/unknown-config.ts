import { join } from 'node:path';
import type { Problem } from '../model/problem.ts';
import type { QueueReport } from '../queue/queue.ts';
import type { ConfigSummary } from '../report/config-summary.ts';
import { daemonSources, sourceState } from '../report/state-documents.ts';

/**
 * What a status can say where the configuration does not load: the sources are those the daemon was started with, the sinks
 * those that the database knows.
 */
export function unknownConfig(dataDir: string, report: QueueReport | null): ConfigSummary {
  const state = report?.state ?? {};
  const sources = daemonSources(state) ?? (report?.sources ?? []).map(({ name }) => name);
  return {
    isKnown: false,
    queuePath: join(dataDir, 'queue.db'),
    budgetBytes: 0,
    minFreeDiskBytes: 0,
    sources: sources.map((name) => ({
      name,
      type: sourceState(state, name)?.type ?? 'unknown',
      // How long each may be silent stands in the configuration.
      silentAfterMs: Infinity,
    })),
    sinks: (report?.sinks ?? [])
      .filter(({ removed }) => !removed)
      .map(({ name, type, routes }) => ({ name, type, routes: routes.map((route) => route.name) })),
    warnings: [INVALID],
  };
}

const INVALID: Problem = {
  code: 'config.invalid',
  message: 'The configuration does not load: whether sources are silent or the disk is low cannot be told.',
  hint: 'Mend what `gateway check` says. A gateway that runs goes on as it was started, but will not start again.',
};
