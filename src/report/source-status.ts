import type { QueueReport } from '../queue/queue.ts';
import { MINUTE, type DurationMs, type EpochMs } from '../model/time.ts';
import type { SourceSummary } from './config-summary.ts';
import { deviceStatuses } from './device-status.ts';
import { iso } from './iso.ts';
import { daemonState, sourceState } from './state-documents.ts';
import type { Status } from './status.ts';

/** What slewing and the resolution of the clock's offset can make of a time just written. */
const AHEAD_MS = 2 * MINUTE;

export type SourceStatus = Status['sources'][number];

/** How a source looks: as the daemon said, but silent when it is connected and brings nothing. Without a daemon nothing listens. */
export function sourceStatus(
  source: SourceSummary,
  report: QueueReport | null,
  running: boolean,
  now: EpochMs,
): SourceStatus {
  const counts = report?.sources.find((s) => s.name === source.name);
  const document = sourceState(report?.state ?? {}, source.name);
  const said = document?.state ?? 'connecting';
  const silent = silenceMs(source, report, now) > source.silentAfterMs;
  const refusal = counts?.lastRefusal ?? null;
  const state = !running || (said === 'connected' && silent) ? 'silent' : said;
  const lastReadingAt = counts?.lastReadingAt ?? null;
  return {
    name: source.name,
    type: source.type,
    state,
    lastReadingAt: iso(lastReadingAt),
    readings: counts?.readings ?? 0,
    lastRefusal:
      refusal === null
        ? null
        : { at: new Date(refusal.at).toISOString(), topic: refusal.topic, reason: refusal.reason },
    devices: running
      ? deviceStatuses(
          document,
          state === 'connected' ? null : { since: lastReadingAt, reason: document?.detail ?? null },
        )
      : [],
  };
}

/**
 * Time since the source's last reading, or since the daemon started where that is later; 0 when neither is known, and while
 * all its devices are asleep.
 */
export function silenceMs(source: SourceSummary, report: QueueReport | null, now: EpochMs): DurationMs {
  if (sourceState(report?.state ?? {}, source.name)?.asleep === true) return 0;
  const lastReadingAt = report?.sources.find((s) => s.name === source.name)?.lastReadingAt ?? null;
  const startedAt = daemonState(report?.state ?? {})?.startedAt ?? null;
  if (startedAt === null) return 0;
  // Counted under a clock that was ahead, it would hide the silence until that time comes.
  const believed = lastReadingAt === null || lastReadingAt > now + AHEAD_MS ? startedAt : lastReadingAt;
  return now - Math.max(believed, startedAt);
}

/** The sources that have brought nothing for longer than they may, connected or not. */
export function silentSources(
  sources: readonly SourceSummary[],
  report: QueueReport | null,
  now: EpochMs,
): ReadonlySet<string> {
  return new Set(sources.filter((s) => silenceMs(s, report, now) > s.silentAfterMs).map((s) => s.name));
}
