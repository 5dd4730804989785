import type { QueueReport } from '../queue/queue.ts';
import type { DurationMs, EpochMs } from '../model/time.ts';
import type { SourceSummary } from './config-summary.ts';
import { iso } from './iso.ts';
import { daemonState, sourceState } from './state-documents.ts';
import type { Status } from './status.ts';

export type SourceStatus = Status['sources'][number];

/** How a source looks: as the daemon said, but silent when it is connected and brings nothing. Without a daemon nothing listens. */
export function sourceStatus(
  source: SourceSummary,
  report: QueueReport | null,
  running: boolean,
  now: EpochMs,
): SourceStatus {
  const counts = report?.sources.find((s) => s.name === source.name);
  const said = sourceState(report?.state ?? {}, source.name)?.state ?? 'connecting';
  const silent = silenceMs(source, report, now) > source.silentAfterMs;
  const refusal = counts?.lastRefusal ?? null;
  return {
    name: source.name,
    type: source.type,
    state: !running || (said === 'connected' && silent) ? 'silent' : said,
    lastReadingAt: iso(counts?.lastReadingAt ?? null),
    readings: counts?.readings ?? 0,
    lastRefusal:
      refusal === null
        ? null
        : { at: new Date(refusal.at).toISOString(), topic: refusal.topic, reason: refusal.reason },
  };
}

/** Time since the source's last reading, or since the daemon started where that is later; 0 when neither is known. */
export function silenceMs(source: SourceSummary, report: QueueReport | null, now: EpochMs): DurationMs {
  const lastReadingAt = report?.sources.find((s) => s.name === source.name)?.lastReadingAt ?? null;
  const startedAt = daemonState(report?.state ?? {})?.startedAt ?? null;
  if (startedAt === null) return 0;
  return now - Math.max(lastReadingAt ?? startedAt, startedAt);
}
