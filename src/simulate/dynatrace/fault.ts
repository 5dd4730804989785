/** What the stand-in can be told to do wrong. The same shapes in process and as JSON for the admin API. */
import type { DurationMs } from '../../model/time.ts';
import type { Rules } from './rules.ts';

export type RouteName = 'metrics' | 'bizevents';
export const ROUTES: readonly RouteName[] = ['metrics', 'bizevents'];

export type Fault =
  StatusFault | HangFault | ResetFault | SlowBodyFault | RefuseLinesFault | RulesFault | ScopesFault | SkewFault;

interface Aim {
  /** Only on this route; absent: on every path. */
  readonly route?: RouteName;
  /** How many requests it changes before it ends by itself; absent: until it is cleared. */
  readonly times?: number;
}

/** Answers with a status and stores nothing. */
export interface StatusFault extends Aim {
  readonly kind: 'status';
  readonly status: number;
  /** Default `envelope`, the API's own JSON. */
  readonly body?: 'envelope' | 'empty' | 'html';
  /** The envelope's message. */
  readonly message?: string;
  /** Of a redirect. */
  readonly location?: string;
  /** `Retry-After`: seconds, or an HTTP date as text. */
  readonly retryAfter?: number | string;
  /** `X-RateLimit-Reset` this far ahead, with the other two rate-limit headers. */
  readonly resetInMs?: DurationMs;
  /** Only for bodies that contain this text. */
  readonly containing?: string;
}

/** The request is read and nothing comes back: for a while, or until the client gives up. */
export interface HangFault extends Aim {
  readonly kind: 'hang';
  /** Default `before-storing`. */
  readonly when?: 'before-storing' | 'after-storing';
  /** Afterwards it goes on as if nothing had happened; absent: never. */
  readonly ms?: DurationMs;
}

/** The connection is reset instead of an answer. */
export interface ResetFault extends Aim {
  readonly kind: 'reset';
  /** Default `before-storing`. */
  readonly when?: 'before-storing' | 'after-storing';
}

/** Status and headers at once, the second half of the body late or never. */
export interface SlowBodyFault extends Aim {
  readonly kind: 'slow-body';
  readonly ms?: DurationMs;
}

/** Lines (or events) that are invalid whatever they say: those that meet every condition given, all if none is given. */
export interface RefuseLinesFault extends Aim {
  readonly kind: 'refuse-lines';
  /** Every nth of a request. */
  readonly every?: number;
  /** The metric key; of an event: a field it has. */
  readonly key?: string;
  /** The dimension or field `device`. */
  readonly device?: string;
  /** In process only: the line or the event's JSON, and its number from 1. */
  readonly matches?: (line: string, number: number) => boolean;
  /** What the reply says. */
  readonly text?: string;
}

/** Other rules than the ones it was started with. */
export interface RulesFault extends Aim {
  readonly kind: 'rules';
  readonly rules: Partial<Rules>;
}

/** The token has these scopes only. */
export interface ScopesFault extends Aim {
  readonly kind: 'scopes';
  readonly scopes: readonly string[];
}

/** Its clock, in `Date` and in the time windows, is off. */
export interface SkewFault extends Aim {
  readonly kind: 'skew';
  readonly ms: DurationMs;
}
