import type { Worker } from 'node:worker_threads';
import type { DurationMs, EpochMs } from '../model/time.ts';
import type {
  Advanced,
  Append,
  Appended,
  Claim,
  ClaimRequest,
  Correction,
  Queue,
  QueueReport,
  Settlement,
  SinkRegistration,
} from './queue.ts';
import { AppendPacker } from './thread/append-parcel.ts';
import type { Calls, Method, Reply, Request } from './thread/protocol.ts';
import { fromWire } from './thread/wire-error.ts';

/** Work that goes on beside other calls for as long as it takes. */
const LONG: ReadonlySet<Method> = new Set<Method>(['advance', 'confirmBoot', 'close']);

interface Waiting {
  readonly method: Method;
  readonly resolve: (answer: never) => void;
  readonly reject: (error: Error) => void;
}

/** The queue on the main thread: hands every call to the queue's thread. When that dies, all that waits is rejected. */
export class QueueClient implements Queue {
  readonly #worker: Worker;
  readonly #appends = new AppendPacker();
  readonly #waiting = new Map<number, Waiting>();
  readonly #foreignChangeListeners: (() => void)[] = [];
  #lastId = 0;
  #oldest: number | undefined;
  #beats = 0;
  #gone: Error | null = null;
  #closed = false;

  constructor(worker: Worker) {
    this.#worker = worker;
  }

  append(append: Append): Promise<Appended> {
    // What is not sent must not be packed: the thread counts what crosses.
    if (this.#gone !== null) return Promise.reject(this.#gone);
    const parcel = this.#appends.pack(append);
    return this.#call('append', parcel, [parcel.buffer]);
  }

  claim(request: ClaimRequest): Promise<Claim | null> {
    return this.#call('claim', request);
  }

  settle(settlement: Settlement): Promise<void> {
    return this.#call('settle', settlement);
  }

  commitSettled(): Promise<void> {
    return this.#call('commitSettled', null);
  }

  release(claim: number): Promise<void> {
    return this.#call('release', claim);
  }

  advance(now: EpochMs): Promise<Advanced> {
    return this.#call('advance', now);
  }

  keepBounds(now: EpochMs): Promise<Pick<Advanced, 'evicted' | 'pruned'>> {
    return this.#call('keepBounds', now);
  }

  registerSinks(sinks: readonly SinkRegistration[]): Promise<void> {
    const plain = sinks.map(({ name, type, backfill, routes }) => ({
      name,
      type,
      backfill,
      routes: routes.map((route) => ({ name: route.name, behindMs: route.behindMs })),
    }));
    return this.#call('registerSinks', plain);
  }

  confirmBoot(correction: Correction | null): Promise<void> {
    return this.#call('confirmBoot', correction);
  }

  putState(key: string, value: unknown, withinMs: DurationMs): void {
    if (this.#gone === null) this.#post({ kind: 'state', key, value, withinMs });
  }

  report(now: EpochMs): Promise<QueueReport> {
    return this.#call('report', now);
  }

  onForeignChange(listener: () => void): void {
    this.#foreignChangeListeners.push(listener);
  }

  endSafeMode(): Promise<void> {
    return this.#call('endSafeMode', null);
  }

  async close(): Promise<void> {
    const closing = this.#call('close', null);
    // The thread ends as soon as it has answered; its end may be heard first.
    this.#closed = true;
    await closing;
    this.#gone = new Error('the queue is closed');
  }

  /** Whether it was told to close, as opposed to having died. */
  get closed(): boolean {
    return this.#closed;
  }

  /**
   * To be called at regular times; for how many of these the same call has been waiting. Counted, not measured, so that a
   * process that was paused is not taken for a thread that hangs.
   */
  beat(): number {
    const [oldest] = [...this.#waiting].find(([, { method }]) => !LONG.has(method)) ?? [];
    this.#beats = oldest !== undefined && oldest === this.#oldest ? this.#beats + 1 : 0;
    this.#oldest = oldest;
    return this.#beats;
  }

  /** Takes what the thread says. */
  receive(reply: Exclude<Reply, { kind: 'opened' | 'refused' | 'log' }>): void {
    if (reply.kind === 'foreign-change') {
      for (const listener of this.#foreignChangeListeners) listener();
      return;
    }
    const waiting = this.#waiting.get(reply.id);
    this.#waiting.delete(reply.id);
    if (reply.kind === 'answer') waiting?.resolve(reply.answer as never);
    else waiting?.reject(fromWire(reply.error));
  }

  /** The thread is gone: nothing will be answered any more. */
  fail(error: Error): void {
    this.#gone ??= error;
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }

  #call<M extends Method>(
    method: M,
    argument: Calls[M]['argument'],
    transfer: ArrayBuffer[] = [],
  ): Promise<Calls[M]['answer']> {
    if (this.#gone !== null) return Promise.reject(this.#gone);
    return new Promise((resolve, reject) => {
      const id = ++this.#lastId;
      this.#waiting.set(id, { method, resolve, reject });
      this.#post({ kind: 'call', id, method, argument } as Request, transfer);
    });
  }

  #post(request: Request, transfer: ArrayBuffer[] = []): void {
    this.#worker.postMessage(request, transfer);
  }
}
