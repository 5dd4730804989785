/**
 * A small MQTT broker inside the gateway, for homes that have none: meters publish to it directly.
 *
 * Invariants: a meter's QoS 1 message is acknowledged (and its QoS 2 message PUBRECed) only after the intake has it on
 * disk: aedes sends nothing before `authorizePublish` calls back. Clients, packets, sessions and retained messages are
 * bounded; no session outlives its connection. Open to the network only with a login.
 *
 * It does not persist messages for other subscribers and does not speak TLS or MQTT 5: for that there is Mosquitto.
 */
import type { EventEmitter } from 'node:events';
import { createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { Aedes } from 'aedes';
import type { AuthenticateError, AuthorizePublishHandler } from 'aedes';
import type { Problem } from '../../model/problem.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Log } from '../../platform/log.ts';
import type { Random } from '../../platform/random.ts';
import { InFlight } from '../in-flight.ts';
import { errorCode } from '../error-code.ts';
import { guardPacketSize } from '../packet-guard.ts';
import type { Password } from '../password.ts';
import { Qos0Sightings } from '../qos0-sightings.ts';
import type { Inlet, Payload, Source, SourceStatus } from '../source.ts';
import { topicMatcher } from '../topic-filter.ts';
import { parseListenAddress } from './listen-address.ts';
import type { ListenAddress } from './listen-address.ts';
import { mayLogIn } from './login.ts';
import type { RequiredLogin } from './login.ts';
import { RetainedBudget } from './retained-budget.ts';

const MAX_CLIENTS = 64;
const MAX_PACKET_BYTES = 256 * 1024;
const BIND_AGAIN_MS = 10_000;
/** A client that does not read what it subscribed to is cut off after this. */
const DRAIN_TIMEOUT_MS = 5_000;
const LOGIN_TIMEOUT_MS = 10_000;

export interface EmbeddedBrokerOptions {
  readonly name: string;
  /** `embedded://127.0.0.1:1883`; another address than loopback needs a login. */
  readonly url: string;
  readonly username?: string;
  readonly password?: Password;
  /** Topic filters of what is a reading; everything when empty. Other messages only pass through the broker. */
  readonly topics: readonly string[];
  readonly maxPayloadBytes: number;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

export class EmbeddedBrokerSource implements Source {
  readonly name: string;
  readonly type = 'embedded';
  /** What common publishers send ahead (mosquitto_pub, Paho: 20). */
  readonly window = 20;
  readonly #options: EmbeddedBrokerOptions;
  readonly #login: RequiredLogin | null;
  readonly #matches: (topic: string) => boolean;
  readonly #inFlight = new InFlight();
  readonly #qos0 = new Qos0Sightings();
  readonly #retained = new RetainedBudget();
  readonly #sockets = new Set<Socket>();
  readonly #stopping = new AbortController();
  #closed = false;
  #broker: Aedes | null = null;
  #server: Server | null = null;
  #failure: { readonly detail: string; readonly hint: string } | null = null;
  #running: Promise<void> = Promise.resolve();

  constructor(options: EmbeddedBrokerOptions) {
    this.name = options.name;
    this.#options = options;
    const { username, password } = options;
    this.#login = username === undefined || password === undefined ? null : { username, password };
    this.#matches = topicMatcher(options.topics.length === 0 ? ['#'] : options.topics);
  }

  /** Where it listens; null while it does not. */
  get address(): ListenAddress | null {
    const address = this.#server?.address();
    return typeof address === 'object' && address !== null ? { host: address.address, port: address.port } : null;
  }

  /** Throws a GatewayError (configuration) when the address cannot be used or would be open to the network without a login. */
  async start(inlet: Inlet): Promise<void> {
    const address = parseListenAddress(this.#options.url, this.#login !== null);
    const { log } = this.#options;
    const broker = await Aedes.createBroker({
      id: 'energy-gateway',
      connectTimeout: LOGIN_TIMEOUT_MS,
      drainTimeout: DRAIN_TIMEOUT_MS,
      preConnect: (_client, packet, done) => {
        // Sessions would gather messages in memory for subscribers that never come back.
        packet.clean = true;
        done(null, true);
      },
      authenticate: (_client, username, password, done) => {
        try {
          const allowed = mayLogIn(this.#login, username, password);
          done(allowed ? null : badLogin(), allowed);
        } catch (error) {
          log.warn({ source: this.name, error }, 'the password of the embedded broker cannot be read');
          done(badLogin(), false);
        }
      },
      authorizePublish: (client, packet, done) => this.#published(inlet, client, packet, done),
    });
    const events: EventEmitter = broker;
    events.on('error', (error: Error) => log.warn({ source: this.name }, error.message));
    this.#broker = broker;
    this.#running = this.#run(address, broker);
  }

  async stop(deadlineMs: number): Promise<void> {
    this.#closed = true;
    this.#stopping.abort();
    this.#server?.close();
    const waiting = new AbortController();
    await Promise.race([this.#inFlight.whenIdle(), this.#options.clock.sleep(deadlineMs, waiting.signal)]);
    waiting.abort();
    // The callbacks of the last commit write their PUBACKs in this turn.
    await new Promise((resolve) => setImmediate(resolve));
    const broker = this.#broker;
    if (broker !== null) await new Promise<void>((resolve) => broker.close(resolve));
    for (const socket of this.#sockets) socket.destroy();
    await this.#running;
  }

  status(): SourceStatus {
    if (this.#server?.listening === true) return { state: 'connected', detail: null, problems: this.#qos0Problems() };
    if (this.#failure === null) return { state: 'connecting', detail: 'The broker is starting.', problems: [] };
    const { detail, hint } = this.#failure;
    const problem: Problem = { code: 'source.failed', message: `Source ${this.name}: ${detail}`, hint };
    return { state: 'failed', detail: `${detail} ${hint}`, problems: [problem] };
  }

  #qos0Problems(): Problem[] {
    const problem = this.#qos0.problem(this.#options.clock.monoMs());
    return problem === null ? [] : [{ ...problem, message: `Source ${this.name}: ${problem.message}` }];
  }

  async #run(address: ListenAddress, broker: Aedes): Promise<void> {
    const { clock, log, random } = this.#options;
    const signal = this.#stopping.signal;
    while (!signal.aborted) {
      const error = await this.#listen(address, broker);
      this.#server = null;
      if (error === null || signal.aborted) return;
      const failure = bindFailure(address, error);
      if (failure.detail !== this.#failure?.detail) log.warn({ source: this.name }, failure.detail);
      this.#failure = failure;
      await clock.sleep(BIND_AGAIN_MS * (0.5 + random() / 2), signal);
    }
  }

  /** Resolves when the server stopped: with the error, or null when it was closed. */
  #listen(address: ListenAddress, broker: Aedes): Promise<Error | null> {
    const server = createServer((socket) => this.#welcome(socket, broker));
    server.maxConnections = MAX_CLIENTS;
    this.#server = server;
    return new Promise((resolve) => {
      server.once('close', () => resolve(null));
      server.on('error', (error) => {
        resolve(error);
        server.close();
      });
      server.listen(address.port, address.host, () => {
        this.#failure = null;
        this.#options.log.info({ source: this.name, ...this.address }, 'the embedded broker listens');
      });
    });
  }

  #welcome(socket: Socket, broker: Aedes): void {
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
    socket.setNoDelay(true);
    // A client that vanished without a word would hold its place for ever if it asked for no keepalive.
    socket.setKeepAlive(true, 60_000);
    guardPacketSize(socket, MAX_PACKET_BYTES, (bytes) => {
      this.#options.log.warn({ source: this.name, bytes }, 'closed a client that sent too large a packet');
      socket.destroy();
    });
    broker.handle(socket);
  }

  /** aedes writes a PUBACK only after `done()`. */
  #published(inlet: Inlet, ...[client, packet, done]: Parameters<AuthorizePublishHandler>): void {
    const { topic, retain, qos } = packet;
    const bytes = typeof packet.payload === 'string' ? Buffer.from(packet.payload) : packet.payload;
    if (topic.startsWith('$')) return done(new Error('topics that begin with $ belong to the broker'));
    if (this.#closed) return; // Never answered: the connection is about to close, and the meter sends it again.
    if (retain && !this.#retained.admit(topic, bytes.length)) packet.retain = false;
    if (!this.#matches(topic)) return done(null);
    const { maxPayloadBytes, clock } = this.#options;
    const unwanted = bytes.length > maxPayloadBytes ? `larger than ${maxPayloadBytes} bytes` : null;
    const payload: Payload = {
      topic,
      bytes,
      // It comes from the meter itself, now; that the broker also retains it for others makes it no older.
      retained: false,
      waited: false,
      qos,
      receivedMono: clock.monoMs(),
    };
    if (qos > 0) {
      // The last will of a client comes when it is closed already.
      const isWill = client?.closed === true;
      this.#inFlight.whenRoom(() => {
        // A meter that left meanwhile sends it again: taken in now, it would be counted twice.
        if (isWill || client?.closed !== true) this.#take(inlet, payload, unwanted, done);
      });
      return;
    }
    this.#qos0.saw(topic, payload.receivedMono);
    if (this.#inFlight.full) inlet.drop(topic, 'came with QoS 0 while 1,024 messages were waiting for the disk');
    else this.#take(inlet, payload, unwanted, () => undefined);
    done(null);
  }

  #take(inlet: Inlet, payload: Payload, unwanted: string | null, answer: (error?: Error | null) => void): void {
    if (this.#closed) return;
    const { topic } = payload;
    // Of an unwanted message only its count is kept.
    const size = unwanted === null ? payload.bytes.length : 0;
    this.#inFlight.take(size);
    const stored = unwanted === null ? inlet.accept(payload) : inlet.refuse(payload, unwanted);
    stored.then(
      () => {
        answer(null);
        this.#inFlight.release(size);
      },
      (error: unknown) => {
        const reason = error instanceof Error ? error : new Error(String(error));
        this.#options.log.debug({ topic, reason: reason.message }, 'the intake did not take a message');
        answer(reason);
        this.#inFlight.release(size);
      },
    );
  }
}

function badLogin(): AuthenticateError {
  return Object.assign(new Error('bad user name or password'), { returnCode: 4 });
}

function bindFailure({ host, port }: ListenAddress, error: Error): { detail: string; hint: string } {
  if (errorCode(error) === 'EADDRINUSE') {
    return {
      detail: `Port ${port} is taken.`,
      hint: `A broker runs here: set MQTT_BROKER=${isEveryAddress(host) ? '127.0.0.1' : host}${port === 1883 ? '' : ` and MQTT_PORT=${port}`}.`,
    };
  }
  return {
    detail: `The embedded broker cannot listen on ${host}:${port}: ${error.message}.`,
    hint: 'Set an address of this machine and a port above 1023 in the `url` of the source.',
  };
}

function isEveryAddress(host: string): boolean {
  return host === '0.0.0.0' || host === '::';
}
