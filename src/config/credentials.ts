import { existsSync } from 'node:fs';
import { resolve } from 'node:path';

/** Whether a file lies in systemd's `$CREDENTIALS_DIRECTORY`. */
export function isCredential(path: string, directory: string | undefined): boolean {
  return directory !== undefined && path.startsWith(`${resolve(directory)}/`);
}

/** Whether it would, but systemd has taken the whole directory away. */
export function isAwayCredential(path: string, directory: string | undefined): boolean {
  return directory !== undefined && isCredential(path, directory) && !existsSync(directory);
}
