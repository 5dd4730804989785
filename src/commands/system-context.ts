import { systemClock } from '../platform/clock.ts';
import { systemDiskSpace } from '../platform/disk-space.ts';
import { VERSION } from '../platform/release.ts';
import { catchInterrupt } from './catch-interrupt.ts';
import type { CommandContext } from './context.ts';
import { guessDataDir } from './guess-data-dir.ts';
import { loadSystemConfig } from './system-config.ts';
import { settingsOf } from './settings.ts';
import { processTerminal } from './terminal.ts';

/** The real world: this process's streams, clock, environment and disk. */
export function systemContext(): CommandContext {
  return {
    terminal: processTerminal(),
    clock: systemClock,
    version: VERSION,
    loadConfig: (configFile) => loadSystemConfig(configFile),
    loadSettings: (configFile) => settingsOf(loadSystemConfig(configFile, { withoutCredentials: true })),
    guessDataDir: (configFile) => guessDataDir(configFile, process.env, process.cwd()),
    openInspector: async (dataDir) => {
      const { openInspector } = await import('../queue/open-inspector.ts');
      return openInspector(dataDir);
    },
    diskFreeBytes: (dataDir) => systemDiskSpace(dataDir).freeBytes,
    catchInterrupt,
  };
}
