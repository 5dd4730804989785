import type { Problem } from '../model/problem.ts';
import type { EpochMs } from '../model/time.ts';
import type { QueueReport } from '../queue/queue.ts';
import type { StatusInput } from './status-input.ts';
import type { SinkSummary } from './config-summary.ts';
import { answerText } from './answer-text.ts';
import { counted, duration } from './human.ts';
import { knownProblems, routeState, sinkState } from './state-documents.ts';
import type { RouteState } from './state.ts';

/** Problems of the configured sinks. Without a daemon nothing is retried, but what a sink refused it will refuse again. */
export function sinkProblems({ report, config, now, daemonRunning }: StatusInput): Problem[] {
  if (config.sinks.length === 0) return config.isKnown ? [NO_SINK] : [];
  return config.sinks.flatMap((sink) => {
    const problems = daemonRunning ? knownProblems(sinkState(report?.state ?? {}, sink.name)?.problems ?? []) : [];
    const found = sink.routes.flatMap((name, i) => {
      const route = routeState(report?.state ?? {}, sink.name, name);
      if (route?.state === 'blocked') return blocked(sink, name, i, route, report);
      return route?.state === 'retrying' && daemonRunning ? [retrying(sink, route, now)] : [];
    });
    return [...problems, ...found.filter((p) => !problems.some((q) => q.code === p.code)), ...refused(sink, report)];
  });
}

function refused(sink: SinkSummary, report: QueueReport | null): Problem[] {
  const values = report?.sinks.find((s) => s.name === sink.name)?.deadValues ?? 0;
  if (values === 0) return [];
  return [
    {
      code: 'sink.refused',
      message: `${sink.name} refused ${counted(values, 'value')} for good; they are kept as dead letters.`,
      hint: 'See its words: `gateway dead-letters list`. Then `retry` once the cause is mended, or `purge`.',
    },
  ];
}

const NO_SINK: Problem = {
  code: 'no.sink',
  message: 'No sink is configured: readings are collected and kept, none is sent.',
  hint: 'Set TENANT_HOST and API_TOKEN in .env, or add a sink to gateway.yaml, and restart the gateway.',
};

function blocked(
  sink: SinkSummary,
  route: string,
  position: number,
  state: RouteState,
  report: QueueReport | null,
): Problem[] {
  const stored = report?.sinks.find((s) => s.name === sink.name);
  const pending = stored?.routes.find((r) => r.name === route)?.pendingValues ?? 0;
  const reason = reasonOf(state);
  if (position === 0) {
    return [
      {
        code: 'sink.blocked',
        message: `${sink.name} accepts nothing: ${reason}. Nothing is lost; ${counted(stored?.ledger.pending ?? 0, 'value')} wait.`,
        hint: state.hint ?? 'Check its url and token: `gateway check --online` says which of them is wrong.',
      },
    ];
  }
  if (pending === 0) return [];
  return [
    {
      code: 'late.blocked',
      message: `${counted(pending, 'value')} too old for a metric wait for the ${route} route of ${sink.name}: ${reason}.`,
      hint:
        state.hint ??
        'Give the token the scope for business events (`gateway check --online` names it), or set `late: none`; they then stay in the local history only.',
    },
  ];
}

function retrying(sink: SinkSummary, state: RouteState, now: EpochMs): Problem {
  const waitMs = state.nextAttemptAt === null ? 0 : state.nextAttemptAt - now;
  const next = waitMs > 0 ? `the next attempt is in ${duration(Math.max(1000, waitMs))}` : 'it is being tried again';
  return {
    code: 'sink.retrying',
    message: `${sink.name} cannot be reached or is busy: ${reasonOf(state)}; ${next}.`,
    hint:
      state.hint ?? 'Nothing to do: everything is kept and sent when it answers. If it lasts, check the network here.',
  };
}

function reasonOf({ lastError }: RouteState): string {
  if (lastError === null) return 'no answer';
  return answerText(lastError.status, lastError.message.replace(/[.\s]+$/, ''));
}
