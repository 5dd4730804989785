import type { Problem, ProblemCode } from '../model/problem.ts';
import type { GateError, GateState } from './route-gate.ts';

export interface RouteCondition {
  readonly sink: string;
  readonly route: string;
  /** The sink's first route speaks for the sink. */
  readonly preferred: boolean;
  readonly state: GateState;
  readonly lastError: GateError | null;
  readonly hint: string | null;
  /** Values wait for this route. */
  readonly waiting: boolean;
}

/** What is wrong with a route, or null. A later route that is blocked matters only while values wait for it. */
export function problemOf(condition: RouteCondition): Problem | null {
  const code = codeOf(condition);
  if (code === null) return null;
  const { sink, route, preferred, lastError, hint } = condition;
  const reason = textOf(lastError);
  const message = {
    'sink.retrying': `${sink} cannot be reached or is busy${preferred ? '' : ` (${route})`}: ${reason}.`,
    'sink.blocked': `${sink} accepts nothing: ${reason}. Nothing is lost; all values are kept.`,
    'late.blocked': `Values too old for a metric wait for the ${route} route of ${sink}: ${reason}.`,
  }[code];
  return { code, message, hint: hint ?? 'Nothing to do: everything is kept and sent when it answers.' };
}

type RouteProblem = Extract<ProblemCode, 'sink.retrying' | 'sink.blocked' | 'late.blocked'>;

function codeOf({ state, preferred, waiting }: RouteCondition): RouteProblem | null {
  if (state === 'retrying') return preferred || waiting ? 'sink.retrying' : null;
  if (state !== 'blocked') return null;
  if (preferred) return 'sink.blocked';
  return waiting ? 'late.blocked' : null;
}

function textOf(error: GateError | null): string {
  if (error === null) return 'no answer';
  const text = error.message.replace(/[.\s]+$/, '');
  return error.status === null || text.includes(String(error.status)) ? text : `${error.status} ${text}`;
}
