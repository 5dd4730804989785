/**
 * The documents about sinks and routes that this folder leaves in the queue's state, as report/state.ts describes them, and
 * what a new start takes from those of the last run. An older or newer daemon may have written them: what is malformed is absent.
 */
import { HOUR, type DurationMs, type EpochMs } from '../model/time.ts';
import type { Problem } from '../model/problem.ts';
import type { GateError, GateState } from './route-gate.ts';
import type { Counters } from './tally.ts';

export interface SinkDocument extends Counters {
  readonly type: string;
  readonly problems: readonly Problem[];
}

export interface RouteDocument {
  readonly state: GateState;
  readonly nextAttemptAt: EpochMs | null;
  readonly lastError: GateError | null;
  readonly hint: string | null;
  /** The server itself named `nextAttemptAt`. */
  readonly retryAfter: boolean;
}

type State = Readonly<Record<string, unknown>>;

export const sinkKey = (sink: string): string => `sink:${sink}`;
export const routeKey = (sink: string, route: string): string => `sink:${sink}:${route}`;

export function storedCounters(state: State, sink: string): Counters | null {
  const document = state[sinkKey(sink)];
  if (!isRecord(document)) return null;
  const { lastSuccessAt, requests, lines, bytesSent } = document;
  if (typeof requests !== 'number' || typeof lines !== 'number' || typeof bytesSent !== 'number') return null;
  return { lastSuccessAt: typeof lastSuccessAt === 'number' ? lastSuccessAt : null, requests, lines, bytesSent };
}

/**
 * A `Retry-After` that still runs. The wall clock may have been set since, so that never more is waited than was asked for.
 */
export function storedRetryAfter(
  state: State,
  sink: string,
  route: string,
  now: EpochMs,
): { readonly lastError: GateError; readonly remainingMs: DurationMs } | null {
  const document = state[routeKey(sink, route)];
  if (!isRecord(document) || document['retryAfter'] !== true || !isRecord(document['lastError'])) return null;
  const { at, status, message } = document['lastError'];
  const nextAttemptAt = document['nextAttemptAt'];
  if (typeof at !== 'number' || typeof message !== 'string' || typeof nextAttemptAt !== 'number') return null;
  if (status !== 429 && status !== 503) return null;
  const remainingMs = Math.min(nextAttemptAt - now, nextAttemptAt - at, HOUR);
  return remainingMs > 0 ? { lastError: { at, status, message }, remainingMs } : null;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
