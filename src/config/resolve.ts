/**
 * From the checked document to the configuration: units, absolute paths, secrets and certificates. Files that are missing
 * or empty are issues like any other.
 */
import { resolve as resolvePath } from 'node:path';
import { Secret } from '../platform/secret.ts';
import type { Config, DynatraceSinkConfig, SiteConfig } from './config.ts';
import { resolveCertificate, resolveSecret, type FileContext } from './resolve-files.ts';
import { resolveSource } from './resolve-source.ts';
import type { ConfigDocument } from './schema.ts';
import type { DynatraceSinkDocument } from './sink-schema.ts';
import type { SiteDocument } from './site-schema.ts';

export interface ResolveContext extends FileContext {
  readonly hostname: string;
}

export type Resolved = Omit<Config, 'file' | 'origins' | 'warnings'>;

export function resolveConfig(document: ConfigDocument, context: ResolveContext): Resolved {
  const { dimensions, queue, safeMode, log, site, sources, sinks } = document;
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
    safeMode,
    log,
    site: site === undefined ? null : resolveSite(site),
    sources: sources.flatMap((source, i) => resolveSource(source, `sources[${i}]`, { ...context, dataDir })),
    sinks: sinks.map((sink, i) => resolveSink(sink, `sinks[${i}]`, context)),
  };
}

function resolveSite({ maxAge, ...devices }: SiteDocument): SiteConfig {
  return { ...devices, maxAgeMs: maxAge };
}

function resolveSink(sink: DynatraceSinkDocument, where: string, context: ResolveContext): DynatraceSinkConfig {
  const token = resolveSecret(sink.token, sink.tokenFile, `${where}.token`, context) ?? new Secret({ value: '' });
  return {
    type: 'dynatrace',
    name: sink.name,
    url: sink.url.href.replace(/\/+$/, ''),
    token,
    ca: resolveCertificate(sink.ca, `${where}.ca`, context),
    resolution: sink.resolution === '1m' ? 'minute' : 'raw',
    flushMs: sink.flush,
    late: sink.late,
    backfill: sink.backfill,
    insecureSkipVerify: sink.insecureSkipVerify,
  };
}
