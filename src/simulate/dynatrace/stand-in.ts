/**
 * A strict stand-in for Dynatrace's ingest API: metrics and business events, with what is known to go wrong with them.
 *
 * Invariants: it is stricter than the real one wherever the real one is not known (rules.ts), it has a clock of its own,
 * and what it stored can be read back, duplicates included. It knows nothing of the gateway.
 * It is no simulation of Dynatrace's load, of its throttling, or of anything that happens after ingestion.
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { EpochMs } from '../../model/time.ts';
import { Admin } from './admin.ts';
import { ALL_SCOPES, type Asked, routeOf } from './admission.ts';
import { decode, readBody } from './body.ts';
import { EventStore, type StoredEvent } from './event-store.ts';
import { itemsIn } from './events-ingest.ts';
import type { Fault } from './fault.ts';
import { Faults } from './faults.ts';
import type { Metadata } from './grammar/metadata.ts';
import { Ingest, type Ingested } from './ingest.ts';
import type { Reply } from './reply.ts';
import { type Counts, RequestLog } from './request-log.ts';
import type { RequestRecord } from './request-record.ts';
import { type Rules, STRICT } from './rules.ts';
import { type Series, SeriesStore } from './series-store.ts';
import { statusReply } from './status-reply.ts';

export interface StandInOptions {
  /** Its clock; see the `skew` fault. */
  readonly now: () => EpochMs;
  /** Default 0: a free one. */
  readonly port?: number;
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** The one token it knows; absent: any. */
  readonly token?: string;
  /** The token's scopes; default: both. */
  readonly scopes?: readonly string[];
  readonly rules?: Partial<Rules>;
  /** False: check and count only. */
  readonly store?: boolean;
  /** Keeps every line that went into a slot. */
  readonly keepArrivals?: boolean;
  /** Keeps the text of every body in the log. */
  readonly keepBodies?: boolean;
  /** How many requests the log holds; default 1,000. */
  readonly keepRequests?: number;
  /** PEM texts: serves HTTPS. */
  readonly tls?: { readonly key: string; readonly cert: string };
  readonly onRequest?: (record: RequestRecord) => void;
}

type Seen = Omit<RequestRecord, 'accepted' | 'invalid' | 'status' | 'faults'>;

export class StandIn {
  readonly #options: StandInOptions;
  readonly #faults = new Faults();
  readonly #series: SeriesStore;
  readonly #events = new EventStore();
  readonly #ingest: Ingest;
  readonly #log: RequestLog;
  readonly #admin: Admin;
  readonly #serving = new Set<Promise<void>>();
  #server: Server | null = null;
  #port: number;

  private constructor(options: StandInOptions) {
    this.#options = options;
    this.#port = options.port ?? 0;
    this.#series = new SeriesStore({ keepArrivals: options.keepArrivals ?? false });
    this.#log = new RequestLog(options.keepRequests ?? 1000);
    this.#ingest = new Ingest({
      rules: { ...STRICT, ...options.rules },
      token: options.token ?? null,
      scopes: options.scopes ?? ALL_SCOPES,
      faults: this.#faults,
      series: options.store === false ? null : this.#series,
      events: options.store === false ? null : this.#events,
    });
    this.#admin = new Admin(this, this.#faults);
  }

  /** Resolves when it listens; rejects when the port is taken. */
  static async start(options: StandInOptions): Promise<StandIn> {
    const standIn = new StandIn(options);
    await standIn.online();
    return standIn;
  }

  /** The base URL, as the gateway is configured with it. */
  get url(): string {
    const host = this.#options.host ?? '127.0.0.1';
    return `${this.#options.tls ? 'https' : 'http'}://${host.includes(':') ? `[${host}]` : host}:${this.#port}`;
  }

  get port(): number {
    return this.#port;
  }

  /** The newest requests, oldest first. */
  get requests(): readonly RequestRecord[] {
    return this.#log.records;
  }

  get counts(): Counts & { readonly eventsDropped: number } {
    return { ...this.#log.counts, eventsDropped: this.#ingest.eventsDropped };
  }

  /** Points that were counted as OK and dropped, by metric key. */
  get rejections(): Readonly<Record<string, number>> {
    return this.#ingest.rejections;
  }

  series(): readonly Series[] {
    return this.#series.series();
  }

  metadata(): readonly Metadata[] {
    return this.#series.metadata();
  }

  events(): readonly StoredEvent[] {
    return this.#events.events();
  }

  /** From now on it does this wrong. */
  fault(fault: Fault): void {
    this.#faults.add(fault);
  }

  /** Ends all faults, or those of one kind. */
  heal(kind?: Fault['kind']): void {
    this.#faults.clear(kind);
  }

  /** Forgets what was stored, counted and logged; faults stay. */
  clear(): void {
    this.#series.clear();
    this.#events.clear();
    this.#ingest.clear();
    this.#log.clear();
  }

  /** Listens again after `offline`, at the same port, with all it had stored. */
  async online(): Promise<void> {
    const { tls, host = '127.0.0.1' } = this.#options;
    const serve: RequestListener = (request, response) => {
      const serving = this.#serve(request, response).finally(() => this.#serving.delete(serving));
      this.#serving.add(serving);
    };
    const server = tls === undefined ? createServer(serve) : createTlsServer(tls, serve);
    server.listen(this.#port, host);
    await once(server, 'listening');
    this.#port = (server.address() as AddressInfo).port;
    this.#server = server;
  }

  /** Connections are cut and new ones refused; what was being served has been recorded when it resolves. */
  async offline(): Promise<void> {
    const server = this.#server;
    if (server === null) return;
    this.#server = null;
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
    await Promise.all(this.#serving);
  }

  stop(): Promise<void> {
    return this.offline();
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = '', headers } = request;
    response.sendDate = false;
    const path = new URL(request.url ?? '/', 'http://stand-in').pathname;
    const raw = await readBody(request).catch(() => null);
    // The client went away while it was sending: there is nobody to answer.
    if (raw === null) return;
    if (path.startsWith('/_standin/')) {
      await send(response, this.#admin.answer(method, request.url ?? '', raw.toString()), this.#options.now());
      return;
    }
    const route = routeOf(path);
    const encoding = headers['content-encoding']?.toLowerCase() ?? 'identity';
    const asked: Asked = { method, route, headers, encoding, body: decode(raw, encoding) };
    const skew = this.#faults.take('skew', route);
    const now = this.#options.now() + (skew?.ms ?? 0);
    const text = asked.body.kind === 'text' ? asked.body.text : '';
    const body = this.#options.keepBodies === true ? text : null;
    const lines = itemsIn(route, text);
    const seen: Seen = { at: now, method, path, route, headers, encoding, bytes: raw.length, lines, body };
    await this.#answer(response, asked, seen, skew === null ? [] : ['skew']);
  }

  async #answer(response: ServerResponse, asked: Asked, seen: Seen, faults: Fault['kind'][]): Promise<void> {
    if (await this.#interrupted('before-storing', response, seen, faults, null)) return;
    const taken = this.#statusFault(asked, seen.at) ?? this.#ingest.take(asked, seen.at);
    faults.push(...taken.faults);
    if (await this.#interrupted('after-storing', response, seen, faults, taken)) return;
    const slow = this.#faults.take('slow-body', seen.route);
    if (slow !== null) faults.push('slow-body');
    this.#record(seen, faults, taken, taken.reply.status);
    await send(response, taken.reply, seen.at, slow === null ? null : (slow.ms ?? Number.POSITIVE_INFINITY));
  }

  #statusFault(asked: Asked, now: EpochMs): Ingested | null {
    const text = asked.body.kind === 'text' ? asked.body.text : '';
    const fault = this.#faults.take('status', asked.route, (f) => text.includes(f.containing ?? ''));
    return fault && { reply: statusReply(fault, now), accepted: 0, invalid: 0, faults: ['status'] };
  }

  /** True when there is no answer to be given any more. */
  async #interrupted(
    when: 'before-storing' | 'after-storing',
    response: ServerResponse,
    seen: Seen,
    faults: Fault['kind'][],
    taken: Ingested | null,
  ): Promise<boolean> {
    const applies = (f: { readonly when?: string }): boolean => (f.when ?? 'before-storing') === when;
    const reset = this.#faults.take('reset', seen.route, applies);
    if (reset !== null) {
      this.#record(seen, [...faults, 'reset'], taken, null);
      response.socket?.resetAndDestroy();
      return true;
    }
    const hang = this.#faults.take('hang', seen.route, applies);
    if (hang === null) return false;
    faults.push('hang');
    if (hang.ms === undefined) this.#record(seen, faults, taken, null);
    await pause(response, hang.ms ?? Number.POSITIVE_INFINITY);
    if (hang.ms !== undefined && response.destroyed) this.#record(seen, faults, taken, null);
    return response.destroyed;
  }

  #record(seen: Seen, faults: readonly Fault['kind'][], taken: Ingested | null, status: number | null): void {
    const { accepted = 0, invalid = 0 } = taken ?? {};
    const record = { ...seen, accepted, invalid, status, faults: [...faults] };
    this.#log.add(record);
    this.#options.onRequest?.(record);
  }
}

/** Resolves after a time, or when the client has gone away. */
function pause(response: ServerResponse, ms: number): Promise<void> {
  if (response.destroyed) return Promise.resolve();
  return new Promise((resolve) => {
    const timer = Number.isFinite(ms) ? setTimeout(resolve, ms) : undefined;
    response.once('close', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

/** With `slowMs` the second half of the body comes that much later. */
async function send(response: ServerResponse, reply: Reply, now: EpochMs, slowMs: number | null = null): Promise<void> {
  const body = Buffer.from(reply.body);
  const date = new Date(now).toUTCString();
  response.writeHead(reply.status, { ...reply.headers, date, 'content-length': body.length });
  if (slowMs !== null) {
    const half = Math.ceil(body.length / 2);
    response.write(body.subarray(0, half));
    await pause(response, slowMs);
    if (!response.destroyed) response.end(body.subarray(half));
    return;
  }
  response.end(body);
}
