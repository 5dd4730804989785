import type { Accepted, Blocked, Outcome, Refused, Retry } from '../../src/model/outcome.ts';
import type { LateReading, Sample } from '../../src/model/sample.ts';
import { HOUR, MINUTE, SECOND } from '../../src/model/time.ts';
import type { ReadingRoute, SampleRoute, SendOptions, Sink } from '../../src/sinks/sink.ts';

/** A sent item, read back. */
export interface SentItem {
  readonly device: string;
  readonly quantity: string;
  readonly at: number;
  readonly count: number;
}

export interface SentRequest {
  readonly items: readonly SentItem[];
  readonly identity: boolean;
  readonly health: number;
  readonly signal: AbortSignal;
}

export type Behaviour = (request: SentRequest) => Outcome | Promise<Outcome>;

const ANSWER = { bytesSent: 100 };
export const accepted: Accepted = { kind: 'accepted', status: 202, ...ANSWER };
export const busy = (retryAfterMs?: number): Retry => ({
  kind: 'retry',
  cause: 'busy',
  status: 429,
  message: 'Too many requests',
  ...ANSWER,
  ...(retryAfterMs !== undefined && { retryAfterMs }),
});
export const unreachable: Retry = { kind: 'retry', cause: 'unreachable', message: 'no answer', bytesSent: 0 };
export const unauthorised: Blocked = {
  kind: 'blocked',
  cause: 'credentials',
  status: 401,
  message: 'Token authentication failed',
  hint: 'Give it a new token.',
  ...ANSWER,
};
export const page: Blocked = { ...unauthorised, cause: 'page', status: 200, message: 'a web page', hint: 'Log in.' };
export const refused = (tryIdentity = false): Refused => ({
  kind: 'refused',
  status: 400,
  tryIdentity,
  message: 'Bad Request',
  ...ANSWER,
});

/** Answers line by line, naming at most `listed` of those that are bad. */
export function judging(isBad: (item: SentItem) => boolean, listed = 10): Behaviour {
  return ({ items }) => {
    const bad = items.flatMap((item, index) =>
      isBad(item) ? [{ index, message: `bad ${item.device} ${item.quantity}` }] : [],
    );
    if (bad.length === 0) return accepted;
    const refused = bad.slice(0, listed);
    return { kind: 'partial', status: 400, refused, unlisted: bad.length - refused.length, ...ANSWER };
  };
}

/** Refuses a request as a whole when one of its items is bad. */
export function choking(isBad: (item: SentItem) => boolean, tryIdentity = false): Behaviour {
  return ({ items }) => (items.some(isBad) ? refused(tryIdentity) : accepted);
}

/** No test needs as many: a loop without a pause would otherwise hang instead of failing. */
const MOST_REQUESTS = 5_000;

/** A sink whose answers are set by the test; holds callers to the limits of its routes. */
export class FakeSink implements Sink {
  readonly name = 'sink';
  readonly type = 'fake';
  readonly backfill = false;
  readonly flushMs = 10 * SECOND;
  readonly resolution: 'minute' | 'raw';
  readonly metrics: SampleRoute;
  readonly late: ReadingRoute;
  readonly routes: readonly [SampleRoute, ReadingRoute];
  readonly requests: Record<'metrics' | 'late', SentRequest[]> = { metrics: [], late: [] };
  readonly behaviour: Record<'metrics' | 'late', Behaviour> = { metrics: () => accepted, late: () => accepted };
  /** Of the next request that carries nothing but health. */
  healthAnswer: Outcome | null = null;
  changed = false;

  constructor(resolution: 'minute' | 'raw' = 'minute', maxItems = 1_000, maxBytes = 950_000) {
    this.resolution = resolution;
    const limits = { maxItems, maxBytes, separator: '\n', aheadMs: 9 * MINUTE };
    this.metrics = {
      ...limits,
      name: 'metrics',
      takes: 'samples',
      behindMs: 55 * MINUTE,
      encode: ({ device, quantity, at, count }: Sample) =>
        quantity === 'formless' ? null : JSON.stringify({ device, quantity, at, count }),
      send: (items, options) => this.#send('metrics', [...items], options, limits),
    };
    this.late = {
      ...limits,
      name: 'late',
      takes: 'readings',
      behindMs: 23 * HOUR,
      encode: ({ id, origin, at, values }: LateReading) =>
        JSON.stringify({ device: origin.device, quantity: `#${id}`, at, count: values.size }),
      send: (items, options) => this.#send('late', [...items], options, limits),
    };
    this.routes = [this.metrics, this.late];
  }

  /** Items of all answered requests of a route. */
  sent(route: 'metrics' | 'late' = 'metrics'): SentItem[] {
    return this.requests[route].flatMap(({ items }) => items);
  }

  /** Requests with readings in them. */
  withReadings(route: 'metrics' | 'late' = 'metrics'): SentRequest[] {
    return this.requests[route].filter(({ items }) => items.length > 0);
  }

  credentialsChanged(): boolean {
    const { changed } = this;
    this.changed = false;
    return changed;
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  async #send(
    route: 'metrics' | 'late',
    texts: readonly string[],
    { signal, identity, health }: SendOptions,
    limits: { readonly maxItems: number; readonly maxBytes: number },
  ): Promise<Outcome> {
    if (this.requests[route].length >= MOST_REQUESTS) throw new Error('it never stops sending');
    const bytes = texts.join('\n').length;
    if (texts.length > limits.maxItems) throw new Error(`${texts.length} items in one request`);
    if (texts.length > 1 && bytes > limits.maxBytes) throw new Error(`${bytes} bytes in one request`);
    const items = texts.map((text) => JSON.parse(text) as SentItem);
    const request = { items, identity: identity === true, health: health?.length ?? 0, signal };
    this.requests[route].push(request);
    if (items.length === 0 && health === undefined) throw new Error('an empty request');
    if (items.length === 0 && this.healthAnswer !== null) return this.healthAnswer;
    return await this.behaviour[route](request);
  }
}
