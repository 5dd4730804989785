/**
 * From the checked document to the configuration: units, absolute paths, secrets and certificates. Files that are missing
 * or empty are issues like any other.
 */
import { readFileSync } from 'node:fs';
import { resolve as resolvePath } from 'node:path';
import { GatewayError } from '../model/error.ts';
import { Secret } from '../platform/secret.ts';
import { formatAddress } from './address.ts';
import type { CertificateFile, Config, DynatraceSinkConfig, MqttSourceConfig } from './config.ts';
import type { Issue } from './issue.ts';
import { resolveProfile } from './resolve-profile.ts';
import type { ConfigDocument } from './schema.ts';
import type { DynatraceSinkDocument } from './sink-schema.ts';
import type { MqttSourceDocument } from './source-schema.ts';

export interface ResolveContext {
  readonly cwd: string;
  readonly hostname: string;
  readonly report: (issue: Issue) => void;
  /** Told of every secret file, readable or not. */
  readonly secretFile: (path: string) => void;
  /** Whether it is no issue that this secret file is not there now. */
  readonly mayBeAway: (path: string) => boolean;
}

export type Resolved = Omit<Config, 'file' | 'warnings'>;

export function resolveConfig(document: ConfigDocument, context: ResolveContext): Resolved {
  const { dimensions, queue, log, sources, sinks } = document;
  const dataDir = resolvePath(context.cwd, document.dataDir);
  return {
    dataDir,
    dimensions,
    queue: {
      lingerMs: queue.linger,
      ttlMs: queue.ttl,
      retentionMs: queue.retention,
      budgetBytes: queue.budget,
      minFreeDiskBytes: queue.minFreeDisk,
    },
    log,
    sources: sources.map((source, i) => resolveSource(source, `sources[${i}]`, dataDir, context)),
    sinks: sinks.map((sink, i) => resolveSink(sink, `sinks[${i}]`, context)),
  };
}

function resolveSource(
  source: MqttSourceDocument,
  where: string,
  dataDir: string,
  context: ResolveContext,
): MqttSourceConfig {
  const { url, password, passwordFile, ca, trustTime, silentAfter } = source;
  return {
    type: 'mqtt',
    name: source.name,
    url: formatAddress(url),
    transport: url.scheme,
    host: url.host,
    port: url.port,
    protocol: source.protocol,
    clientId: source.clientId ?? `gateway-${context.hostname}-${source.name}`,
    username: source.username ?? null,
    password: secret(password, passwordFile, `${where}.password`, context),
    ca: certificate(ca, `${where}.ca`, context),
    fingerprint: source.fingerprint ?? null,
    topics: source.topics ?? ['#'],
    profile: resolveProfile(source.profile, 'payload', `${where}.profile`, { dataDir, report: context.report }),
    device: source.device,
    saldo: source.saldo,
    trustTime: { behindMs: trustTime.behind, aheadMs: trustTime.ahead },
    silentAfterMs: silentAfter,
    fields: source.fields ?? {},
    time: source.time ?? null,
  };
}

function resolveSink(sink: DynatraceSinkDocument, where: string, context: ResolveContext): DynatraceSinkConfig {
  const token = secret(sink.token, sink.tokenFile, `${where}.token`, context) ?? new Secret({ value: '' });
  return {
    type: 'dynatrace',
    name: sink.name,
    url: sink.url.href.replace(/\/+$/, ''),
    token,
    ca: certificate(sink.ca, `${where}.ca`, context),
    resolution: sink.resolution === '1m' ? 'minute' : 'raw',
    flushMs: sink.flush,
    late: sink.late,
    backfill: sink.backfill,
    insecureSkipVerify: sink.insecureSkipVerify,
  };
}

function secret(
  value: string | undefined,
  file: string | undefined,
  where: string,
  { cwd, report, secretFile, mayBeAway }: ResolveContext,
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

function certificate(file: string | undefined, where: string, { cwd, report }: ResolveContext): CertificateFile | null {
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
