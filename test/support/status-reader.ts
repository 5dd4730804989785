import { join } from 'node:path';
import { believedReport } from '../../src/commands/believed-time.ts';
import { settingsOf } from '../../src/commands/settings.ts';
import { loadConfig } from '../../src/config/load.ts';
import { openInspector } from '../../src/queue/open-inspector.ts';
import { buildStatus } from '../../src/report/build-status.ts';
import type { Status } from '../../src/report/status.ts';

/** What `gateway status --json` prints in this directory, without a process for each look: for whoever looks often. */
export function statusReader(dir: string): () => Status {
  const env = { GATEWAY_DATA_DIR: join(dir, 'data') };
  const config = loadConfig({ env, cwd: dir, hostname: 'pi', systemFolder: join(dir, 'etc'), path: undefined });
  const { dataDir, summary } = settingsOf(config);
  return () => {
    const inspector = openInspector(dataDir);
    try {
      const { daemonRunning, report, now } = believedReport(inspector, Date.now());
      return buildStatus({ version: 'test', now, daemonRunning, report, config: summary, diskFreeBytes: 1e10 });
    } finally {
      inspector.close();
    }
  };
}
