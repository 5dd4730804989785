/**
 * Reads the daemon's documents out of a report's state. A document that is missing, or that has not the expected form (an
 * older or newer daemon wrote it), is null: a status is never refused because of one.
 */
import { PROBLEMS, type Problem } from '../model/problem.ts';
import type {
  ClockState,
  DaemonState,
  DeviceState,
  RouteState,
  SilenceState,
  SinkState,
  SourceState,
} from './state.ts';

type State = Readonly<Record<string, unknown>>;
type Check = (value: unknown) => boolean;

const number: Check = (v) => typeof v === 'number';
const text: Check = (v) => typeof v === 'string';
const texts: Check = (v) => Array.isArray(v) && v.every(text);
const optional =
  (check: Check): Check =>
  (v) =>
    v === null || check(v);
const oneOf =
  (...words: readonly string[]): Check =>
  (v) =>
    words.includes(v as string);

export function daemonState(state: State): DaemonState | null {
  return document<DaemonState>(state['daemon'], { startedAt: number, beatAt: number, problems: Array.isArray });
}

/** The sources the daemon was started with; null where that was not left. */
export function daemonSources(state: State): readonly string[] | null {
  return document<Pick<DaemonState, 'sources'>>(state['daemon'], { sources: texts })?.sources ?? null;
}

export function clockState(state: State): ClockState | null {
  return document<ClockState>(state['clock'], {
    state: oneOf('confirmed', 'unconfirmed', 'corrected'),
    offsetMs: number,
  });
}

export function sourceState(state: State, name: string): SourceState | null {
  return document<SourceState>(state[`source:${name}`], {
    state: oneOf('connected', 'connecting', 'silent', 'failed'),
    detail: optional(text),
    problems: Array.isArray,
  });
}

/** The devices of a source's document whose states can be read. */
export function deviceStates(source: SourceState | null): DeviceState[] {
  const devices: readonly unknown[] = Array.isArray(source?.devices) ? source.devices : [];
  return devices.flatMap(
    (device) => document<DeviceState>(device, { name: text, state: optional(text), faults: texts }) ?? [],
  );
}

/** Null also where it cannot be read. */
export function silenceState(device: DeviceState): SilenceState | null {
  return document<SilenceState>(device.silence, { since: optional(number), reason: optional(text) });
}

export function sinkState(state: State, name: string): SinkState | null {
  return document<SinkState>(state[`sink:${name}`], {
    lastSuccessAt: optional(number),
    requests: number,
    lines: number,
    bytesSent: number,
    problems: Array.isArray,
  });
}

export function routeState(state: State, sink: string, route: string): RouteState | null {
  return document<RouteState>(state[`sink:${sink}:${route}`], {
    state: oneOf('ok', 'retrying', 'blocked', 'idle'),
    nextAttemptAt: optional(number),
    lastError: optional((v) => document(v, { at: number, status: optional(number), message: text }) !== null),
    hint: optional(text),
  });
}

/** The problems of a document that this program knows: another version's codes have no severity here. */
export function knownProblems(problems: readonly Problem[]): Problem[] {
  return problems.filter(
    (p) => document<Problem>(p, { code: oneOf(...Object.keys(PROBLEMS)), message: text, hint: text }) !== null,
  );
}

function document<T>(
  value: unknown,
  checks: Partial<Record<keyof T & string, Check>> | Record<string, Check>,
): T | null {
  if (typeof value !== 'object' || value === null) return null;
  const fields = value as Readonly<Record<string, unknown>>;
  return Object.entries(checks).every(([key, check]) => (check as Check)(fields[key])) ? (value as T) : null;
}
