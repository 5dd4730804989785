import { statSync } from 'node:fs';
import type { Problem } from '../model/problem.ts';
import { isLoopback } from './address.ts';
import type { SinkConfig } from './config.ts';
import { isCredential } from './credentials.ts';

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
  return [...new Set(paths)]
    .filter((path) => !path.startsWith('/run/secrets/') && !isCredential(path, credentialsDirectory))
    .flatMap((path) => exposure(path) ?? []);
}

/** Null when only its owner can read the file, when a group was given it on purpose, or when it is not there. */
function exposure(path: string): Problem | null {
  const state = statSync(path, { throwIfNoEntry: false });
  if (state === undefined) return null;
  // Root's files may be for a service of another user, who is handed them through a group.
  const isOwn = state.uid === process.getuid?.() && state.uid !== 0;
  const byAll = (state.mode & 0o004) !== 0;
  const byGroup = isOwn && (state.mode & 0o040) !== 0;
  if (!byAll && !byGroup) return null;
  const others = byAll ? 'Every user of this machine' : "Every user in the file's group";
  return {
    code: 'secret.readable',
    message: `${others} can read ${path}, which holds a secret.`,
    hint: isOwn
      ? `chmod 600 ${path}`
      : `chmod o-r ${path}. Where the gateway does not run as its owner, first let the gateway's group read it (chgrp, chmod g+r).`,
  };
}
