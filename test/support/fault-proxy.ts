/**
 * A TCP proxy on loopback, or on an address of a test's own network, that does to its connections what a bad network does.
 * A connection of which it has swallowed a byte stays silent for ever, as that of a peer who has vanished.
 */
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import type { OnEnd } from './on-end.ts';

export type NetworkFault =
  /** Nobody listens, and what was connected is reset. */
  | { readonly kind: 'refuse' }
  /** A connection is made, and reset with the first byte of a request. */
  | { readonly kind: 'reset' }
  /** A connection is reset behind so many bytes of a reply. */
  | { readonly kind: 'cut'; readonly afterReplyBytes: number }
  /** What is connected now falls silent, its end included; new connections work. */
  | { readonly kind: 'half-open' }
  /** Connections are made, but every byte disappears. */
  | { readonly kind: 'swallow' }
  /** Replies come byte by byte. */
  | { readonly kind: 'drip'; readonly byteEveryMs: number }
  /** All connections together get so much in each direction. */
  | { readonly kind: 'narrow'; readonly bytesPerSecond: number }
  | { readonly kind: 'distant'; readonly latencyMs: number }
  /** Somebody else answers, on this port; what was connected is reset. */
  | { readonly kind: 'hijack'; readonly port: number };

export type Direction = 'request' | 'reply';

export interface FaultProxyOptions {
  /** A port of 127.0.0.1. */
  readonly target: number;
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** Sees what was forwarded. */
  readonly observe?: (bytes: Buffer, direction: Direction, connection: number) => void;
}

interface Link {
  readonly number: number;
  readonly ends: readonly [Socket, Socket];
  silent: boolean;
  replied: number;
}

const PIECES_PER_SECOND = 10;
const BURST_MS = 500;

export class FaultProxy {
  readonly #options: FaultProxyOptions;
  readonly #links = new Set<Link>();
  readonly #attempts: number[] = [];
  readonly #closing = new AbortController();
  readonly #lineFreeAt: Record<Direction, number> = { request: 0, reply: 0 };
  #server: Server | null = null;
  #port = 0;
  #fault: NetworkFault | null = null;

  private constructor(options: FaultProxyOptions) {
    this.#options = options;
  }

  /** Ends with the test, or with whatever else `onEnd` stands for. */
  static async start(options: FaultProxyOptions, onEnd: OnEnd = onTestFinished): Promise<FaultProxy> {
    const proxy = new FaultProxy(options);
    await proxy.#listen();
    onEnd(() => proxy.#close());
    return proxy;
  }

  get port(): number {
    return this.#port;
  }

  get address(): string {
    return `${this.#options.host ?? '127.0.0.1'}:${this.#port}`;
  }

  /** When each connection was asked for, on the monotonic clock. Refused ones never get here. */
  get attempts(): readonly number[] {
    return this.#attempts;
  }

  async inflict(fault: NetworkFault): Promise<void> {
    this.#fault = fault;
    if (fault.kind === 'half-open') for (const link of this.#links) link.silent = true;
    if (fault.kind === 'refuse' || fault.kind === 'hijack') this.#resetAll();
    if (fault.kind === 'refuse') await this.#stopListening();
  }

  async heal(): Promise<void> {
    this.#fault = null;
    if (this.#server === null) await this.#listen();
  }

  async #listen(): Promise<void> {
    const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => this.#accept(client));
    server.listen(this.#port, this.#options.host ?? '127.0.0.1');
    await once(server, 'listening');
    this.#port = (server.address() as AddressInfo).port;
    this.#server = server;
  }

  async #stopListening(): Promise<void> {
    const server = this.#server;
    if (server === null) return;
    this.#server = null;
    const closed = once(server, 'close');
    server.close();
    this.#resetAll();
    await closed;
  }

  async #close(): Promise<void> {
    this.#closing.abort();
    await this.#stopListening();
  }

  #resetAll(): void {
    for (const { ends } of this.#links) for (const end of ends) reset(end);
    this.#links.clear();
  }

  #accept(client: Socket): void {
    this.#attempts.push(performance.now());
    const port = this.#fault?.kind === 'hijack' ? this.#fault.port : this.#options.target;
    const server = connect({ port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
    const link: Link = { number: this.#attempts.length, ends: [client, server], silent: false, replied: 0 };
    this.#links.add(link);
    void this.#carry(link, client, server, 'request');
    void this.#carry(link, server, client, 'reply');
  }

  async #carry(link: Link, from: Socket, to: Socket, direction: Direction): Promise<void> {
    // Errors end the iteration below; this one may come after it.
    from.on('error', () => undefined);
    const chunks = from.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>;
    try {
      for await (const chunk of chunks) await this.#pass(link, to, chunk, direction);
      if (!this.#swallows(link)) to.end();
    } catch {
      if (!this.#swallows(link)) reset(to);
    }
  }

  #swallows(link: Link): boolean {
    link.silent ||= this.#fault?.kind === 'swallow';
    return link.silent;
  }

  async #pass(link: Link, to: Socket, bytes: Buffer, direction: Direction): Promise<void> {
    const fault = this.#fault;
    if (this.#swallows(link)) return;
    if (fault?.kind === 'reset') throw new Error('reset');
    if (fault?.kind === 'cut' && direction === 'reply') {
      const rest = fault.afterReplyBytes - link.replied;
      if (bytes.length > rest) {
        await this.#write(link, to, bytes.subarray(0, rest), direction);
        for (const end of link.ends) reset(end);
        return;
      }
    }
    if (fault?.kind === 'distant') await sleep(fault.latencyMs, undefined, this.#closing);
    const piece = pieceOf(fault, direction);
    if (piece === null) return this.#write(link, to, bytes, direction);
    let sent = 0;
    while (sent < bytes.length && this.#fault === fault) {
      await this.#turn(direction, piece.ms);
      await this.#write(link, to, bytes.subarray(sent, sent + piece.bytes), direction);
      sent += piece.bytes;
    }
    // The fault ended or changed meanwhile.
    if (sent < bytes.length) await this.#pass(link, to, bytes.subarray(sent), direction);
  }

  async #write(link: Link, to: Socket, bytes: Buffer, direction: Direction): Promise<void> {
    if (direction === 'reply') link.replied += bytes.length;
    this.#options.observe?.(bytes, direction, link.number);
    await new Promise<void>((resolve) => to.write(bytes, () => resolve()));
  }

  /** Waits for the line, which all connections share, and takes it for so long. */
  async #turn(direction: Direction, ms: number): Promise<void> {
    const now = performance.now();
    // Late timers are made up for, or a busy machine would narrow the line.
    const until = Math.max(now - BURST_MS, this.#lineFreeAt[direction]) + ms;
    this.#lineFreeAt[direction] = until;
    if (until > now) await sleep(until - now, undefined, this.#closing);
  }
}

/** Node keeps the handle of a socket that is reset after its end for ever. */
function reset(socket: Socket): void {
  if (socket.writableEnded) socket.destroy();
  else socket.resetAndDestroy();
}

function pieceOf(fault: NetworkFault | null, direction: Direction): { bytes: number; ms: number } | null {
  if (fault?.kind === 'drip' && direction === 'reply') return { bytes: 1, ms: fault.byteEveryMs };
  if (fault?.kind !== 'narrow') return null;
  const bytes = Math.ceil(fault.bytesPerSecond / PIECES_PER_SECOND);
  return { bytes, ms: (bytes / fault.bytesPerSecond) * 1000 };
}
