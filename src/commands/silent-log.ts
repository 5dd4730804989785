import type { Log } from '../platform/log.ts';

const nothing = (): void => undefined;

/** For what a command does itself: it says in its own output how that went. */
export const SILENT_LOG: Log = {
  error: nothing,
  warn: nothing,
  info: nothing,
  debug: nothing,
  child: () => SILENT_LOG,
};
