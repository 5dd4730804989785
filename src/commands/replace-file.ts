import { createWriteStream, existsSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { EXIT, GatewayError } from '../model/error.ts';

/**
 * Writes a stream to a file that appears only when it is complete and on the disk. Without `force` an existing file stays.
 * Throws a GatewayError (usage) when it exists, cannot be written, or the signal was aborted; nothing is left behind then.
 */
export async function replaceFile(
  path: string,
  content: Readable,
  { force, signal }: { readonly force: boolean; readonly signal: AbortSignal },
): Promise<void> {
  if (!force && existsSync(path)) {
    content.destroy();
    throw failure(`${path} exists already`, 'Choose another name, or add --force to replace it.');
  }
  const temporary = resolve(dirname(path), `.${process.pid}.gateway-export.tmp`);
  try {
    await pipeline(content, createWriteStream(temporary, { flush: true, mode: 0o600 }), { signal });
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    if (signal.aborted) throw failure(`interrupted; ${path} was not written`, 'Run it again.', error);
    const code = (error as NodeJS.ErrnoException).code;
    const cause = code === undefined ? undefined : CAUSES[code];
    if (cause === undefined) throw error;
    throw failure(`cannot write ${path}: ${cause}`, 'Choose a directory that exists, is yours, and has space.', error);
  }
}

const CAUSES: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such directory',
  ENOTDIR: 'a part of the path is not a directory',
  EISDIR: 'it is a directory',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'the file system is read-only',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
};

function failure(message: string, hint: string, cause?: unknown): GatewayError {
  return new GatewayError(message, { hint, exitCode: EXIT.usage, cause });
}
