/** Secrets and certificates that the configuration names. Files that are missing or empty are issues like any other. */
import { readFileSync } from 'node:fs';
import { resolve as resolvePath } from 'node:path';
import { GatewayError } from '../model/error.ts';
import { Secret } from '../platform/secret.ts';
import type { CertificateFile } from './config.ts';
import type { Issue } from './issue.ts';

export interface FileContext {
  /** Where relative paths start. */
  readonly cwd: string;
  readonly report: (issue: Issue) => void;
  /** Told of every secret file, readable or not. */
  readonly secretFile: (path: string) => void;
  /** Whether it is no issue that this secret file is not there now. */
  readonly mayBeAway: (path: string) => boolean;
}

/** A secret that is given as a value or as a file; null when neither is. */
export function resolveSecret(
  value: string | undefined,
  file: string | undefined,
  where: string,
  { cwd, report, secretFile, mayBeAway }: FileContext,
): Secret | null {
  if (file === undefined && value === undefined) return null;
  const path = file === undefined ? null : resolvePath(cwd, file);
  const result = new Secret(path === null ? { value: value ?? '' } : { file: path });
  const key = path === null ? where : `${where}File`;
  if (path !== null) {
    secretFile(path);
    if (mayBeAway(path)) return result;
  }
  try {
    const text = result.reveal();
    if (text === '') report({ where: key, message: `the secret file ${path ?? ''} is empty` });
    else if (/token/.test(key) && !/^[\x21-\x7e]+$/.test(text))
      report({
        where: key,
        message: 'expected a token without blanks or special characters; is it still the example?',
      });
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    report({ where: key, message: error.message });
  }
  return result;
}

/** The certificate in a PEM file; null when none is named or it cannot be read. */
export function resolveCertificate(
  file: string | undefined,
  where: string,
  { cwd, report }: FileContext,
): CertificateFile | null {
  if (file === undefined) return null;
  const path = resolvePath(cwd, file);
  try {
    const pem = readFileSync(path, 'utf8');
    if (!pem.includes('-----BEGIN CERTIFICATE-----'))
      report({ where, message: `expected a PEM certificate in ${path}` });
    return { path, pem };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    report({ where, message: `the file ${path} cannot be read: ${code}` });
    return null;
  }
}
