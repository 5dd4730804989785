import { accessSync, constants } from 'node:fs';
import { EXIT, GatewayError } from '../../model/error.ts';
import { isReadOnly } from '../../platform/read-only.ts';
import { codeOf, troubleOf } from './sqlite-error.ts';

const WAITING = 'The gateway goes on by itself as soon as it can write.';

/**
 * Why the database of a data directory could not be opened for writing, in words for a person; any other error unchanged. With
 * exit code `failing` where it may pass without a change of the configuration.
 */
export function storageFailure(error: unknown, dataDir: string): unknown {
  if (error instanceof GatewayError) return error;
  const code = codeOf(error);
  const trouble = troubleOf(error);
  if (trouble === 'full') {
    return failing(error, `There is no space left for the queue in ${dataDir}.`, `Free some space there. ${WAITING}`);
  }
  if (trouble === 'busy') {
    return failing(
      error,
      `The queue in ${dataDir} is held up by another program.`,
      `End whatever has it open. ${WAITING}`,
    );
  }
  if (code === 'EROFS' || isReadOnly(dataDir)) {
    const hint = `The kernel does that after errors of the card or disk: look at \`dmesg\`, then mount it writable. ${WAITING}`;
    return failing(error, `The file system of ${dataDir} is read-only.`, hint);
  }
  if (
    !mayWrite(dataDir) ||
    code === 'EACCES' ||
    code === 'EPERM' ||
    code === 'SQLITE_CANTOPEN' ||
    code === 'SQLITE_READONLY'
  ) {
    return new GatewayError(`This user may not write the queue in ${dataDir}.`, {
      hint: `Give the folder and all that is in it to the user the gateway runs as: chown -R USER ${dataDir}`,
      exitCode: EXIT.configuration,
      cause: error,
    });
  }
  if (trouble !== 'io') return error;
  const hint = `Look for I/O errors in \`dmesg\`; the card or disk may be failing. ${WAITING}`;
  return failing(error, `The disk that holds ${dataDir} fails (${code}).`, hint);
}

function failing(cause: unknown, message: string, hint: string): GatewayError {
  return new GatewayError(message, { hint, exitCode: EXIT.failing, cause });
}

function mayWrite(dataDir: string): boolean {
  try {
    accessSync(dataDir, constants.R_OK | constants.W_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
