import { statSync } from 'node:fs';
import type { Problem } from '../model/problem.ts';
import { isLoopback } from './address.ts';
import type { SinkConfig } from './config.ts';

/** What is allowed but leaves the token, or readings, less protected than they should be. */
export function sinkWarnings(sinks: readonly SinkConfig[]): Problem[] {
  return sinks.flatMap(({ name, url, insecureSkipVerify }) => {
    const { protocol, hostname } = new URL(url);
    const code = 'tls.unverified';
    if (protocol === 'http:' && !isLoopback(hostname))
      return [
        {
          code,
          message: `The sink ${name} sends its token and readings to ${hostname} unencrypted.`,
          hint: 'Use https:// in its url.',
        },
      ];
    if (protocol === 'https:' && insecureSkipVerify)
      return [
        {
          code,
          message: `The sink ${name} does not check the certificate of ${hostname}: anybody in between can read the token.`,
          hint: 'Name the authority that signed the certificate with `ca` and remove `insecureSkipVerify`.',
        },
      ];
    return [];
  });
}

/** Docker and systemd keep secrets in folders of their own, closed to others whatever the files' modes say. */
export function secretFileWarnings(paths: readonly string[], credentialsDirectory: string | undefined): Problem[] {
  const closed = ['/run/secrets', ...(credentialsDirectory === undefined ? [] : [credentialsDirectory])];
  return paths
    .filter((path) => !closed.some((folder) => path.startsWith(`${folder}/`)) && isWorldReadable(path))
    .map((path) => ({
      code: 'secret.readable',
      message: `Every user of this machine can read the secret file ${path}.`,
      hint: `chmod o-r ${path}`,
    }));
}

function isWorldReadable(path: string): boolean {
  const state = statSync(path, { throwIfNoEntry: false });
  return state !== undefined && (state.mode & 0o004) !== 0;
}
