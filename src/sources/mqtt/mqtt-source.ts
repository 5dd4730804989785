/**
 * Readings from an MQTT broker, over a persistent session.
 *
 * Invariants: a message is acknowledged only after the intake has it on disk, in receipt order, and only on the
 * connection that brought it; what is not acknowledged, the broker delivers again. At most 1,024 messages or 4 MiB are
 * in memory. It reconnects for as long as it runs.
 *
 * States: connecting → connected → connecting …; failed while a person is needed (login, certificate, client id,
 * refused subscription), still trying, only more slowly.
 */
import type { Problem } from '../../model/problem.ts';
import type { DurationMs } from '../../model/time.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Log } from '../../platform/log.ts';
import type { Random } from '../../platform/random.ts';
import { InFlight } from '../in-flight.ts';
import type { Password } from '../password.ts';
import { SentPassword } from '../sent-password.ts';
import type { Inlet, Source, SourceStatus } from '../source.ts';
import { topicMatcher } from '../topic-filter.ts';
import { parseBrokerAddress } from './broker-address.ts';
import type { BrokerAddress } from './broker-address.ts';
import { openBrokerStream } from './broker-stream.ts';
import type { TlsTrust } from './broker-stream.ts';
import { Connection } from './connection.ts';
import type { ConnectionEnd } from './connection-end.ts';
import { DeliveryQuality } from './delivery-quality.ts';
import { revealLogin } from './login.ts';
import { Receiver } from './receiver.ts';
import { firstAttempt, needsAPerson, nextAttempt } from './reconnect.ts';
import type { Attempt, ProtocolChoice, ProtocolLevel } from './reconnect.ts';
import { WaitedDetector } from './waited.ts';

/** Messages a broker sends ahead of our PUBACKs: what we announce with MQTT 5, Mosquitto's default with 3.1.1. */
const WINDOW: Readonly<Record<ProtocolLevel, number>> = { 5: 256, 4: 20 };
const SUBSCRIBE_AGAIN_MS = 60_000;
const LOOK_AT_PASSWORD_MS = 2_000;

export interface MqttSourceOptions {
  readonly name: string;
  /** `mqtt://host:1883` or `mqtts://host:8883`. */
  readonly url: string;
  readonly protocol: ProtocolChoice;
  /** Names the session at the broker; must be the same after every restart. */
  readonly clientId: string;
  readonly username?: string;
  readonly password?: Password;
  readonly tls?: TlsTrust;
  readonly topics: readonly string[];
  readonly maxPayloadBytes: number;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

export class MqttSource implements Source {
  readonly name: string;
  readonly type = 'mqtt';
  readonly #options: MqttSourceOptions;
  readonly #password: SentPassword | undefined;
  readonly #matches: (topic: string) => boolean;
  readonly #markerTopic: string;
  readonly #inFlight = new InFlight();
  readonly #quality = new DeliveryQuality();
  readonly #stopping = new AbortController();
  #attempt: Attempt;
  #connection: Connection | null = null;
  #receiver: Receiver | null = null;
  #waited: WaitedDetector | null = null;
  #connected = false;
  #closing = false;
  #subscribed = false;
  #end: ConnectionEnd | null = null;
  #running: Promise<void> = Promise.resolve();

  constructor(options: MqttSourceOptions) {
    this.name = options.name;
    this.#options = options;
    this.#password = options.password && new SentPassword(options.password);
    this.#matches = topicMatcher(options.topics);
    // A client id may hold what a topic may not (MQTT 5, 4.7.1).
    this.#markerTopic = `gateway/${options.clientId.replaceAll(/[+#]/g, '_')}/marker`;
    this.#attempt = firstAttempt(options.protocol);
  }

  get window(): number {
    return WINDOW[this.#attempt.protocol];
  }

  /** Throws a GatewayError (configuration) when the address cannot be used. */
  async start(inlet: Inlet): Promise<void> {
    const address = parseBrokerAddress(this.#options.url);
    this.#running = this.#run(address, inlet);
  }

  async stop(deadlineMs: number): Promise<void> {
    const { clock } = this.#options;
    const until = clock.monoMs() + deadlineMs;
    this.#closing = true;
    this.#receiver?.close();
    const waiting = new AbortController();
    await Promise.race([this.#inFlight.whenIdle(), clock.sleep(deadlineMs, waiting.signal)]);
    waiting.abort();
    // The last promises have resolved; their PUBACKs are settled by the microtasks that follow.
    await new Promise((resolve) => setImmediate(resolve));
    this.#stopping.abort();
    await this.#connection?.close(Math.max(100, until - clock.monoMs()));
    await this.#running;
  }

  status(): SourceStatus {
    const marker = this.#waited?.problem ?? null;
    const problems = [
      ...this.#quality.problems(this.#options.clock.monoMs()),
      ...(marker === null ? [] : [marker]),
    ].map((problem): Problem => ({ ...problem, message: `Source ${this.name}: ${problem.message}` }));
    if (this.#connected) {
      const nothingGranted = this.#quality.refused.length === this.#options.topics.length;
      const detail = nothingGranted ? 'The broker refuses every subscription.' : null;
      return { state: nothingGranted ? 'failed' : 'connected', detail, problems };
    }
    const end = this.#end;
    if (end === null) return { state: 'connecting', detail: 'Connecting to the broker.', problems };
    if (!needsAPerson(end.cause, this.#options.protocol)) return { state: 'connecting', detail: end.detail, problems };
    const hint = end.hint ?? 'It is tried again every minute.';
    problems.push({ code: 'source.failed', message: `Source ${this.name}: ${end.detail}`, hint });
    return { state: 'failed', detail: `${end.detail} ${hint}`, problems };
  }

  async #run(address: BrokerAddress, inlet: Inlet): Promise<void> {
    const { clock, random, protocol, log } = this.#options;
    const signal = this.#stopping.signal;
    while (!signal.aborted) {
      await this.#pause(this.#attempt.delayMs, signal);
      if (signal.aborted) return;
      let connectedAt: number | null = null;
      const end = await this.#connect(address, inlet, () => (connectedAt = clock.monoMs()));
      if (signal.aborted) return;
      if (end.cause !== this.#end?.cause) log.warn({ source: this.name, cause: end.cause }, end.detail);
      this.#end = end;
      const lived = connectedAt === null ? 0 : clock.monoMs() - connectedAt;
      this.#attempt = nextAttempt(this.#attempt, end, lived, protocol, random);
    }
  }

  /** Before the next attempt. After a refused login it ends when there is another password to try. */
  async #pause(ms: DurationMs, signal: AbortSignal): Promise<void> {
    const { clock, log } = this.#options;
    if (this.#end?.cause !== 'credentials' || this.#password === undefined) return clock.sleep(ms, signal);
    const until = clock.monoMs() + ms;
    for (let left = ms; left > 0 && !signal.aborted; left = until - clock.monoMs()) {
      await clock.sleep(Math.min(left, LOOK_AT_PASSWORD_MS), signal);
      if (!this.#password.isRenewed) continue;
      log.info({ source: this.name }, 'the password has changed: trying again now');
      return;
    }
  }

  /** One connection from its socket to its end. */
  async #connect(address: BrokerAddress, inlet: Inlet, onAccepted: () => void): Promise<ConnectionEnd> {
    const { tls, log } = this.#options;
    const stopping = this.#stopping.signal;
    const login = revealLogin({ ...this.#options, ...(this.#password && { password: this.#password }) }, false);
    if ('cause' in login) return login;
    const opened = await openBrokerStream(address, tls ?? {}, stopping);
    if ('end' in opened) return opened.end;
    if (stopping.aborted) {
      opened.socket.destroy();
      return { cause: 'lost', detail: 'Stopped.', hint: null };
    }

    const over = new AbortController();
    const protocol = this.#attempt.protocol;
    let session = false;
    const connection = new Connection(opened.socket, login, protocol, {
      accepted: (sessionPresent) => {
        onAccepted();
        this.#end = null;
        session = sessionPresent;
        this.#waited = this.#waitedDetector(sessionPresent);
        this.#receiver = this.#receiverOf(connection, inlet, this.#waited);
        if (this.#closing) this.#receiver.close();
      },
      ready: () => {
        log.info({ source: this.name, protocol: protocol === 5 ? '5' : '3.1.1', session }, 'connected to the broker');
        void this.#settleIn(connection, session, over.signal);
      },
      delivered: (delivery, next) => {
        if (this.#receiver === null) next();
        else this.#receiver.receive(delivery, next);
      },
    });
    this.#connection = connection;
    const end = await connection.ended;
    over.abort();
    this.#receiver?.close();
    this.#receiver = null;
    this.#connection = null;
    this.#connected = false;
    return end;
  }

  /** Subscribes where needed, then finds out what had waited. */
  async #settleIn(connection: Connection, session: boolean, over: AbortSignal): Promise<void> {
    // The first connection of a process always subscribes: the session may be of an older configuration.
    if (session && this.#subscribed) this.#connected = true;
    else void this.#subscribe(connection, over);
    const waited = this.#waited;
    await waited?.run(
      {
        publish: (payload) => connection.publish(this.#markerTopic, payload, { qos: 1, retain: false }),
        inFlight: () => this.#inFlight.messages,
      },
      over,
    );
  }

  async #subscribe(connection: Connection, over: AbortSignal): Promise<void> {
    const { topics, clock, log } = this.#options;
    while (!over.aborted) {
      const codes = await connection.subscribe([...topics, this.#markerTopic]);
      if (codes === null) return;
      this.#quality.granted(topics, codes);
      this.#connected = true;
      this.#subscribed = this.#quality.refused.length === 0;
      if (this.#subscribed) return;
      log.warn({ source: this.name, topics: this.#quality.refused }, 'the broker refused a subscription');
      await clock.sleep(SUBSCRIBE_AGAIN_MS, over);
    }
  }

  #waitedDetector(sessionPresent: boolean): WaitedDetector {
    const { clock, random } = this.#options;
    const payload = Buffer.from(`${random()} ${clock.monoMs()}`);
    return new WaitedDetector({ clock, topic: this.#markerTopic, payload, sessionPresent });
  }

  #receiverOf(connection: Connection, inlet: Inlet, waited: WaitedDetector): Receiver {
    const { clock, log, maxPayloadBytes } = this.#options;
    return new Receiver({
      connection,
      inlet,
      waited,
      inFlight: this.#inFlight,
      quality: this.#quality,
      markerTopic: this.#markerTopic,
      matches: this.#matches,
      maxPayloadBytes,
      clock,
      log,
    });
  }
}
