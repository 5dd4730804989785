import { statSync } from 'node:fs';
import type { Problem } from '../model/problem.ts';
import { isLoopback } from './address.ts';
import type { SinkConfig, SourceConfig } from './config.ts';
import { isCredential } from './credentials.ts';

/** Speeds that serial lines have; adapters take any other, and then hear nothing. */
const SPEEDS = [
  300, 600, 1200, 1800, 2400, 4800, 9600, 14_400, 19_200, 28_800, 38_400, 56_000, 57_600, 76_800, 115_200, 128_000,
  230_400, 250_000, 256_000, 460_800, 500_000, 576_000, 921_600,
];

/** A speed that is most likely misspelt. */
export function speedWarnings(sources: readonly SourceConfig[]): Problem[] {
  return sources.flatMap((source): Problem[] => {
    if (source.type !== 'modbus' || source.line.kind !== 'serial' || SPEEDS.includes(source.serial.baud)) return [];
    const { baud } = source.serial;
    const nearest = SPEEDS.reduce((best, speed) => (Math.abs(speed - baud) < Math.abs(best - baud) ? speed : best));
    return [
      {
        code: 'source.speed',
        message: `The line of the source ${source.name} is set to ${baud} baud, which hardly any device has.`,
        hint: `Did you mean ${nearest}? Without \`baud\` it is the profile's.`,
      },
    ];
  });
}

/** An address at which nothing can be delivered. */
export function addressWarnings(sinks: readonly SinkConfig[]): Problem[] {
  return sinks.flatMap(({ name, url }): Problem[] => {
    const { hostname, origin } = new URL(url);
    if (!/\.apps\.dynatrace\.com$/i.test(hostname)) return [];
    return [
      {
        code: 'sink.address',
        message: `The sink ${name} can deliver nothing: ${hostname} is the address of the web interface, which takes no metrics.`,
        hint: `Set its url (or TENANT_HOST) to ${origin.replace(/(\.live)?\.apps\./i, '.live.')}.`,
      },
    ];
  });
}

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
