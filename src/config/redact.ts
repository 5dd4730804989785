import { Document, isScalar } from 'yaml';
import { maskSecrets } from '../platform/secret.ts';
import type { Config, DynatraceSinkConfig, SiteConfig } from './config.ts';
import { formatDuration } from './duration.ts';
import { parsePath } from './issue.ts';
import { present, sourceDocument } from './redact-source.ts';
import { formatSize } from './size.ts';

/**
 * The configuration in force, in the form of gateway.yaml, for a person: secrets are `***`, a file's with its path, and what a
 * variable set has its name beside it.
 */
export function redact(config: Config): string {
  const { queue } = config;
  const document = {
    dataDir: config.dataDir,
    dimensions: config.dimensions,
    queue: {
      linger: formatDuration(queue.lingerMs),
      ttl: formatDuration(queue.ttlMs),
      retention: formatDuration(queue.retentionMs),
      budget: formatSize(queue.budgetBytes),
      minFreeDisk: formatSize(queue.minFreeDiskBytes),
    },
    safeMode: config.safeMode,
    log: config.log,
    ...(config.site === null ? {} : { site: siteDocument(config.site) }),
    sources: config.sources.map(sourceDocument),
    sinks: config.sinks.map(sinkDocument),
  };
  const yaml = new Document(document);
  for (const [key, origin] of config.origins) {
    const value = yaml.getIn(parsePath(key), true);
    if (isScalar(value)) value.comment = ` ${origin}`;
  }
  return maskSecrets(yaml.toString({ lineWidth: 0 }));
}

function siteDocument({ maxAgeMs, ...devices }: SiteConfig): object {
  return { ...devices, maxAge: formatDuration(maxAgeMs) };
}

function sinkDocument(sink: DynatraceSinkConfig): object {
  const { type, name, url, token, ca, resolution, flushMs, late, backfill, insecureSkipVerify } = sink;
  return present({
    type,
    name,
    url,
    token: `*** (${token.origin})`,
    ca: ca?.path,
    resolution: resolution === 'minute' ? '1m' : resolution,
    flush: formatDuration(flushMs),
    late,
    backfill,
    insecureSkipVerify,
  });
}
