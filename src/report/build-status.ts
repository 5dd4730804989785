/**
 * The status as `gateway status --json` prints it and as the gateway's own health metrics are taken from. Pure: what the
 * queue counts, what the daemon last said of itself and what is configured, put together at one instant.
 *
 * - Has the whole shape with and without a database, with and without a daemon.
 * - What a dead daemon said of connections is not repeated; what it learnt of a sink (refused token) is.
 */
import { healthOf } from '../model/problem.ts';
import type { IntakeCounts, QueueReport } from '../queue/queue.ts';
import { findProblems } from './find-problems.ts';
import { iso } from './iso.ts';
import { sinkStatuses } from './sink-status.ts';
import { sourceStatus } from './source-status.ts';
import { clockState, daemonState } from './state-documents.ts';
import type { StatusInput } from './status-input.ts';
import type { Status } from './status.ts';

export function buildStatus(input: StatusInput): Status {
  const { report, config, now, daemonRunning } = input;
  const clock = daemonRunning ? clockState(report?.state ?? {}) : null;
  const problems = findProblems(input);
  return {
    version: input.version,
    health: healthOf(problems),
    problems,
    daemon: {
      running: daemonRunning,
      startedAt: daemonRunning ? iso(daemonState(report?.state ?? {})?.startedAt ?? null) : null,
      lastCommitAt: iso(report?.lastCommitAt ?? null),
    },
    clock: { state: clock?.state ?? 'unconfirmed', offsetMs: clock?.offsetMs ?? 0 },
    queue: queueStatus(input),
    intake: intakeStatus(report),
    sources: config.sources.map((source) => sourceStatus(source, report, daemonRunning, now)),
    sinks: sinkStatuses(config.sinks, report, daemonRunning, now),
    replays: (report?.replays ?? []).map((r) => ({
      id: r.id,
      sink: r.sink,
      from: new Date(r.from).toISOString(),
      to: new Date(r.to).toISOString(),
      total: r.total,
      asMetrics: r.asMetrics,
      late: r.late,
      tooOld: r.tooOld,
      done: r.done,
      state: r.state,
    })),
  };
}

function queueStatus({ report, config, now, diskFreeBytes }: StatusInput): Status['queue'] {
  const oldest = report?.oldestPendingAt ?? null;
  return {
    path: report?.path ?? config.queuePath,
    pendingReadings: report?.pendingReadings ?? 0,
    pendingValues: report?.pendingValues ?? 0,
    oldestPendingAt: iso(oldest),
    oldestPendingAgeSeconds: oldest === null ? null : Math.max(0, Math.floor((now - oldest) / 1000)),
    storedReadings: report?.storedReadings ?? 0,
    sizeBytes: report?.sizeBytes ?? 0,
    budgetBytes: report?.budgetBytes ?? config.budgetBytes,
    diskFreeBytes: report?.diskFreeBytes ?? diskFreeBytes,
  };
}

function intakeStatus(report: QueueReport | null): IntakeCounts {
  const counts = report?.intake;
  return {
    messages: counts?.messages ?? 0,
    used: counts?.used ?? 0,
    duplicates: counts?.duplicates ?? 0,
    refused: counts?.refused ?? 0,
    ignored: counts?.ignored ?? 0,
    refusedFields: counts?.refusedFields ?? 0,
    readings: counts?.readings ?? 0,
    values: counts?.values ?? 0,
  };
}
