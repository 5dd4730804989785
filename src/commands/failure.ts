import { ConfigError, partsOf } from '../config/issue.ts';
import { EXIT, GatewayError, type ExitCode } from '../model/error.ts';
import { maskSecrets } from '../platform/secret.ts';

const REPORT_TO =
  'This is a bug in the gateway. Please open an issue with these lines and the output of `gateway status`.';

/**
 * What a failed command prints on stderr, without secrets, and its exit code. A GatewayError is for its reader; anything
 * else is a bug.
 */
export function describeFailure(
  error: unknown,
  options: { readonly json: boolean; readonly version: string },
): { readonly text: string; readonly exitCode: ExitCode } {
  const known = error instanceof GatewayError;
  const exitCode = known ? error.exitCode : EXIT.internal;
  const message = maskSecrets(error instanceof Error ? error.message : String(error));
  const hint = known ? maskSecrets(error.hint) : REPORT_TO;
  if (options.json) {
    const problems = error instanceof ConfigError ? { problems: error.issues.map(partsOf) } : {};
    return { text: `${JSON.stringify({ error: { message, hint, exitCode, ...problems } })}\n`, exitCode };
  }
  if (known) return { text: `error: ${message}\nhint: ${hint}\n`, exitCode };
  const stack = maskSecrets(error instanceof Error ? (error.stack ?? message) : message);
  return {
    text: `internal error: ${stack}\n${REPORT_TO}\n(gateway ${options.version}, Node.js ${process.version}, ${process.platform}-${process.arch})\n`,
    exitCode,
  };
}
