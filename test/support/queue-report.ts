import type { Problem } from '../../src/model/problem.ts';
import { HOUR, MINUTE, SECOND, type EpochMs } from '../../src/model/time.ts';
import type { IntakeCounts, QueueReport } from '../../src/queue/queue.ts';
import type { ConfigSummary } from '../../src/report/config-summary.ts';
import type { DaemonState, RouteState, SinkState, SourceState } from '../../src/report/state.ts';
import type { StatusInput } from '../../src/report/status-input.ts';

/** The instant all report fixtures speak of: 2026-11-20 14:00 UTC. */
export const NOW: EpochMs = Date.UTC(2026, 10, 20, 14);
const MIB = 1024 ** 2;

export const SUMMARY: ConfigSummary = {
  isKnown: true,
  queuePath: '/var/lib/gateway/queue.db',
  budgetBytes: 512 * MIB,
  minFreeDiskBytes: 200 * MIB,
  sources: [{ name: 'meter', type: 'mqtt', silentAfterMs: 5 * MINUTE }],
  sinks: [{ name: 'dynatrace', type: 'dynatrace', routes: ['metrics', 'late'] }],
  warnings: [],
};

const INTAKE: IntakeCounts = {
  messages: 10_000,
  used: 9_990,
  duplicates: 5,
  refused: 3,
  ignored: 2,
  refusedFields: 0,
  readings: 9_990,
  values: 99_900,
};

const DAEMON: DaemonState = {
  version: '1.2.3',
  pid: 42,
  startedAt: NOW - 26 * HOUR,
  beatAt: NOW - 20 * SECOND,
  problems: [],
  loopDelayP99Ms: 12,
  residentBytes: 90 * MIB,
  sources: ['meter'],
};

const SOURCE: SourceState = { type: 'mqtt', state: 'connected', detail: null, problems: [] };

const SINK: SinkState = {
  type: 'dynatrace',
  lastSuccessAt: NOW - 50 * SECOND,
  requests: 1_560,
  lines: 15_600,
  bytesSent: 3_000_000,
  problems: [],
};

const ROUTE: RouteState = { state: 'ok', nextAttemptAt: null, lastError: null, hint: null };

/** The documents of a daemon that runs well. */
export const STATE: Readonly<Record<string, unknown>> = {
  daemon: DAEMON,
  clock: { state: 'confirmed', offsetMs: 0, by: 'timesyncd' },
  'source:meter': SOURCE,
  'sink:dynatrace': SINK,
  'sink:dynatrace:metrics': ROUTE,
  'sink:dynatrace:late': { ...ROUTE, state: 'idle' },
};

export const REPORT: QueueReport = {
  path: '/var/lib/gateway/queue.db',
  databaseId: 'a1b2',
  pendingReadings: 12,
  pendingValues: 120,
  oldestPendingAt: NOW - 62 * SECOND,
  storedReadings: 9_990,
  sizeBytes: 3 * MIB,
  budgetBytes: 512 * MIB,
  diskFreeBytes: 9_000 * MIB,
  lastCommitAt: NOW - SECOND,
  intake: INTAKE,
  sources: [{ ...INTAKE, name: 'meter', lastReadingAt: NOW - 4 * SECOND, lastRefusal: null }],
  sinks: [
    {
      name: 'dynatrace',
      type: 'dynatrace',
      removed: false,
      ledger: {
        accepted: 99_900,
        delivered: 99_700,
        late: 50,
        pending: 120,
        expired: 20,
        evicted: 0,
        deadLettered: 10,
      },
      routes: [
        { name: 'metrics', pendingValues: 120 },
        { name: 'late', pendingValues: 0 },
      ],
      deadValues: 0,
      expiringWithinMinutes: { 10: 0, 60: 0 },
    },
  ],
  replays: [],
  state: STATE,
  salvaged: null,
  storage: null,
  lastEvictionAt: null,
};

/** A gateway that runs well, with some parts replaced. */
export function statusInput(changes: Partial<StatusInput> = {}): StatusInput {
  return {
    version: '1.2.3',
    now: NOW,
    daemonRunning: true,
    report: REPORT,
    config: SUMMARY,
    diskFreeBytes: 9_000 * MIB,
    ...changes,
  };
}

/** The same report with some documents of the daemon replaced; fields of an existing document are merged. */
export function withState(documents: Readonly<Record<string, object>>, report: QueueReport = REPORT): QueueReport {
  const merged = Object.entries(documents).map(([key, value]) => [key, { ...(report.state[key] as object), ...value }]);
  return { ...report, state: { ...report.state, ...(Object.fromEntries(merged) as object) } };
}

/** The same report with another pending count on a route of the sink. */
export function withPending(route: string, pendingValues: number, report: QueueReport = REPORT): QueueReport {
  return {
    ...report,
    sinks: report.sinks.map((sink) => ({
      ...sink,
      routes: sink.routes.map((r) => (r.name === route ? { name: r.name, pendingValues } : r)),
    })),
  };
}

export function problem(code: Problem['code']): Problem {
  return { code, message: `${code} happened.`, hint: 'Do this.' };
}
