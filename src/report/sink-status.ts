import type { EpochMs } from '../model/time.ts';
import type { Ledger, QueueReport } from '../queue/queue.ts';
import type { SinkSummary } from './config-summary.ts';
import { iso } from './iso.ts';
import { routeState, sinkState } from './state-documents.ts';
import type { RouteState } from './state.ts';
import type { Status, StatusError } from './status.ts';

export type SinkStatus = Status['sinks'][number];
type RouteStatus = SinkStatus['routes'][number];

const EMPTY: Ledger = { accepted: 0, delivered: 0, late: 0, pending: 0, expired: 0, evicted: 0, deadLettered: 0 };

/** The configured sinks in their order, then those only the queue still knows. */
export function sinkStatuses(
  sinks: readonly SinkSummary[],
  report: QueueReport | null,
  running: boolean,
  now: EpochMs,
): SinkStatus[] {
  const gone = (report?.sinks ?? []).filter((stored) => !sinks.some((sink) => sink.name === stored.name));
  return [
    ...sinks.map((sink) => sinkStatus(sink, report, running, now, false)),
    ...gone.map(({ name, type, routes }) =>
      sinkStatus({ name, type, routes: routes.map((r) => r.name) }, report, running, now, true),
    ),
  ];
}

function sinkStatus(
  sink: SinkSummary,
  report: QueueReport | null,
  running: boolean,
  now: EpochMs,
  removed: boolean,
): SinkStatus {
  const stored = report?.sinks.find((s) => s.name === sink.name);
  const document = sinkState(report?.state ?? {}, sink.name);
  const documents = sink.routes.map((name) => routeState(report?.state ?? {}, sink.name, name));
  const routes = sink.routes.map((name, i) =>
    routeStatus(name, documents[i] ?? null, stored?.routes.find((r) => r.name === name)?.pendingValues ?? 0),
  );
  const attempts = documents.flatMap((d) =>
    d?.nextAttemptAt === undefined || d.nextAttemptAt === null ? [] : [d.nextAttemptAt],
  );
  const next = attempts.length > 0 ? Math.max(now, Math.min(...attempts)) : null;
  return {
    name: sink.name,
    type: sink.type,
    state: removed ? 'removed' : stateOf(routes),
    lastSuccessAt: iso(document?.lastSuccessAt ?? null),
    lastError: newest(routes.map((r) => r.lastError)),
    nextAttemptAt: running && !removed ? iso(next) : null,
    expiringWithinMinutes: stored?.expiringWithinMinutes ?? { 10: 0, 60: 0 },
    routes,
    ledger: stored?.ledger ?? EMPTY,
    requests: document?.requests ?? 0,
    lines: document?.lines ?? 0,
    bytesSent: document?.bytesSent ?? 0,
  };
}

function routeStatus(name: string, document: RouteState | null, pendingValues: number): RouteStatus {
  const error = document?.lastError ?? null;
  return {
    name,
    state: document?.state ?? 'idle',
    pendingValues,
    lastError:
      error === null ? null : { at: new Date(error.at).toISOString(), status: error.status, message: error.message },
  };
}

/** The preferred route speaks for the sink; a late route that is blocked blocks itself alone. */
function stateOf(routes: readonly RouteStatus[]): SinkStatus['state'] {
  const preferred = routes[0]?.state ?? 'idle';
  if (preferred === 'blocked') return 'blocked';
  if (routes.some((r) => r.state === 'retrying')) return 'retrying';
  return preferred === 'ok' || routes.some((r) => r.state === 'ok') ? 'ok' : 'idle';
}

function newest(errors: readonly (StatusError | null)[]): StatusError | null {
  return errors.reduce((a, b) => (a === null || (b !== null && b.at > a.at) ? b : a), null);
}
