import { EXIT, type ExitCode } from '../model/error.ts';
import type { Status } from './status.ts';

/** The exit code of `gateway status`. A newer database (5) and a bad configuration (2) are errors and end it earlier. */
export function statusExitCode(status: Status): ExitCode {
  if (!status.daemon.running) return EXIT.notRunning;
  return status.health === 'failing' ? EXIT.failing : EXIT.ok;
}
