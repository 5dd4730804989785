import type { Log } from '../../src/platform/log.ts';

/** Errors on stderr, nothing else: standard output is for results. */
export const ERRORS_ONLY_LOG: Log = {
  error: (fields, message) => void process.stderr.write(`${message} ${JSON.stringify(fields)}\n`),
  warn: () => undefined,
  info: () => undefined,
  debug: () => undefined,
  child: () => ERRORS_ONLY_LOG,
};
