import type { Socket } from 'node:net';
import { SECOND, type DurationMs } from '../../model/time.ts';
import { Agent, buildConnector } from '../../platform/http-client.ts';
import { sharedLookup } from '../../platform/shared-lookup.ts';
import { isClosedConnection } from './network-error.ts';

/** One each for live and health, two each for backlog and the late route, so that none waits for another; opened when needed. */
const CONNECTIONS = 6;
const KEEP_ALIVE: DurationMs = 4 * SECOND;
const KEEP_ALIVE_MAX: DurationMs = 10 * SECOND;
const MAX_ANSWER_BYTES = 1024 * 1024;

export interface ConnectionOptions {
  /** Certificates to trust instead of the system's, as PEM. */
  readonly ca?: string;
  readonly insecureSkipVerify: boolean;
  readonly connectMs: DurationMs;
  readonly bodyMs: DurationMs;
}

/** How many bytes each open connection had received at one moment. */
export type Received = ReadonlyMap<Socket, number>;

/**
 * The kept connections to one origin: an undici Agent of our own, which remembers which socket an error came from. After
 * `renew` new requests open new connections, while running ones finish on theirs.
 */
export class Connections {
  readonly #options: ConnectionOptions;
  readonly #open = new Set<Socket>();
  readonly #failed = new WeakMap<Error, Socket>();
  readonly #retired = new Set<Agent>();
  #agent: Agent | null = null;

  constructor(options: ConnectionOptions) {
    this.#options = options;
  }

  get agent(): Agent {
    this.#agent ??= this.#create();
    return this.#agent;
  }

  received(): Received {
    return new Map([...this.#open].map((socket) => [socket, socket.bytesRead]));
  }

  /**
   * Whether the error closed a connection that had carried an earlier request and brought no byte since `before`: the server
   * had given it up, and the request most likely never reached it.
   */
  isStale(error: unknown, before: Received): boolean {
    const socket = error instanceof Error && isClosedConnection(error) ? this.#failed.get(error) : undefined;
    const bytes = socket === undefined ? undefined : before.get(socket);
    return bytes !== undefined && bytes > 0 && socket?.bytesRead === bytes;
  }

  renew(): void {
    const old = this.#agent;
    this.#agent = null;
    if (old === null) return;
    this.#retired.add(old);
    old.close(() => this.#retired.delete(old));
  }

  /** Ends all connections; a request still running fails. */
  async close(): Promise<void> {
    const agents = [...this.#retired, ...(this.#agent === null ? [] : [this.#agent])];
    this.#agent = null;
    await Promise.all(agents.map((agent) => agent.destroy()));
  }

  #create(): Agent {
    const { ca, insecureSkipVerify, connectMs, bodyMs } = this.#options;
    const connect = buildConnector({
      timeout: connectMs,
      lookup: sharedLookup,
      allowH2: false,
      rejectUnauthorized: !insecureSkipVerify,
      ...(ca !== undefined && { ca }),
    });
    return new Agent({
      connections: CONNECTIONS,
      pipelining: 1,
      allowH2: false,
      keepAliveTimeout: KEEP_ALIVE,
      keepAliveMaxTimeout: KEEP_ALIVE_MAX,
      bodyTimeout: bodyMs,
      maxResponseSize: MAX_ANSWER_BYTES,
      connect: (options, callback) =>
        connect(options, (...result) => {
          if (result[0] === null) this.#watch(result[1]);
          callback(...result);
        }),
    });
  }

  #watch(socket: Socket): void {
    this.#open.add(socket);
    socket.on('error', (error) => this.#failed.set(error, socket));
    socket.once('close', () => this.#open.delete(socket));
  }
}
