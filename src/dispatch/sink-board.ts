import { SECOND, type DurationMs } from '../model/time.ts';
import type { Problem } from '../model/problem.ts';
import type { Queue } from '../queue/queue.ts';
import type { Sink } from '../sinks/sink.ts';
import { problemOf } from './problems.ts';
import type { RouteChannel } from './route-channel.ts';
import { routeKey, sinkKey, type RouteDocument, type SinkDocument } from './state-documents.ts';
import type { Tally } from './tally.ts';

/** A change of state is for somebody who looks now; counts and times may wait for a commit that happens anyway. */
const STATE_WITHIN: DurationMs = 1 * SECOND;
const COUNTS_WITHIN: DurationMs = 10 * SECOND;

/** Keeps the state documents of one sink up to date in the queue; writes only what changed. */
export class SinkBoard {
  readonly #sink: Sink;
  readonly #channels: readonly RouteChannel[];
  readonly #tally: Tally;
  readonly #queue: Queue;
  readonly #written = new Map<string, { readonly whole: string; readonly state: string }>();

  constructor(sink: Sink, channels: readonly RouteChannel[], tally: Tally, queue: Queue) {
    this.#sink = sink;
    this.#channels = channels;
    this.#tally = tally;
    this.#queue = queue;
  }

  problems(): Problem[] {
    return this.#channels.flatMap((channel) => {
      const { state, lastError, hint } = channel.gate;
      const { preferred, waiting } = channel;
      const names = { sink: this.#sink.name, route: channel.route.name };
      const problem = problemOf({ ...names, preferred, waiting, state, lastError, hint });
      return problem === null ? [] : [problem];
    });
  }

  publish(): void {
    const { name, type } = this.#sink;
    const problems = this.problems();
    const sink: SinkDocument = { type, ...this.#tally.counters, problems };
    this.#put(sinkKey(name), sink, JSON.stringify(problems));
    for (const { gate, route } of this.#channels) {
      const { state, nextAttemptAt, lastError, hint, retryAfter } = gate;
      const document: RouteDocument = { state, nextAttemptAt, lastError, hint, retryAfter };
      this.#put(routeKey(name, route.name), document, JSON.stringify([state, lastError?.message, hint, retryAfter]));
    }
  }

  #put(key: string, document: SinkDocument | RouteDocument, state: string): void {
    const before = this.#written.get(key);
    const whole = JSON.stringify(document);
    if (before?.whole === whole) return;
    this.#written.set(key, { whole, state });
    this.#queue.putState(key, document, before?.state === state ? COUNTS_WITHIN : STATE_WITHIN);
  }
}
