import type { Config } from '../config/config.ts';
import type { Clock } from '../platform/clock.ts';
import type { Inspector } from '../queue/inspector.ts';
import type { Settings } from './settings.ts';
import type { Terminal } from './terminal.ts';

/** Everything of the outside world that the commands which look at the queue touch. */
export interface CommandContext {
  readonly terminal: Terminal;
  readonly clock: Clock;
  readonly version: string;
  /** Throws a GatewayError (configuration) that names every problem at once. */
  loadConfig(configFile: string | undefined): Config;
  /** The same, as far as it concerns the queue. */
  loadSettings(configFile: string | undefined): Settings;
  /** The data directory as far as it can be known of a configuration that does not load; null when it cannot. */
  guessDataDir(configFile: string | undefined): string | null;
  openInspector(dataDir: string): Promise<Inspector>;
  /** Free bytes on the disk that holds, or will hold, the directory. */
  diskFreeBytes(dataDir: string): number;
  /** From now on Ctrl-C and SIGTERM abort the signal instead of ending the process, until released. */
  catchInterrupt(): Interrupt;
}

export interface Interrupt {
  readonly signal: AbortSignal;
  release(): void;
}
