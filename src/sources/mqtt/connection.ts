import type { Socket } from 'node:net';
import { generate } from 'mqtt-packet';
import type { IPublishPacket, ISubackPacket } from 'mqtt-packet';
import { MqttClient } from 'mqtt';
import type { DurationMs } from '../../model/time.ts';
import { guardPacketSize } from '../packet-guard.ts';
import { AckQueue } from './ack-queue.ts';
import type { PendingAck } from './ack-queue.ts';
import { endOfConnack, endOfDisconnect, endOfOversize, endOfSocketError } from './connection-end.ts';
import type { ConnectionEnd } from './connection-end.ts';
import { errorCode } from '../error-code.ts';
import type { Login } from './login.ts';
import type { ProtocolLevel } from './reconnect.ts';

const KEEPALIVE_S = 30;
const CONNACK_TIMEOUT: DurationMs = 10_000;
const SESSION_EXPIRY_S = 7 * 24 * 60 * 60;
const RECEIVE_MAXIMUM = 256;
const MAXIMUM_PACKET_BYTES = 256 * 1024;
/** Where a broker cannot be told a limit (MQTT 3.1.1), the connection is cut above this. */
const CUT_ABOVE_BYTES = 16 * 1024 * 1024;

/** A message as it came off the wire. */
export interface Delivery {
  readonly topic: string;
  readonly bytes: Uint8Array;
  readonly retained: boolean;
  readonly qos: 0 | 1 | 2;
  /** Null for QoS 0. */
  readonly ack: PendingAck | null;
}

export interface ConnectionListener {
  /** Called before any message of the connection. */
  accepted(sessionPresent: boolean): void;
  /** Subscribing and publishing work from now on. */
  ready(): void;
  /** No further packet of the connection is handled before `next` is called. */
  delivered(delivery: Delivery, next: () => void): void;
}

/**
 * One MQTT connection over an open stream, from CONNECT to its end; never reused. It acknowledges nothing by itself.
 *
 * MQTT.js handles one packet at a time, so an acknowledgement cannot be held back in its callback. Instead `packetreceive`
 * turns a PUBLISH into QoS 0 before MQTT.js dispatches the same object, and `acks` writes the PUBACK when told to.
 */
export class Connection {
  readonly ended: Promise<ConnectionEnd>;
  readonly acks: AckQueue;
  readonly #socket: Socket;
  readonly #client: MqttClient;
  readonly #listener: ConnectionListener;
  /** MQTT.js keeps an unanswered QoS 1 publish for a next connection, which this client never has. */
  readonly #publishing = new Set<() => void>();
  #end: ConnectionEnd | null = null;
  #error: Error | null = null;
  #accepted = false;
  #incomingQos: 0 | 1 | 2 = 0;

  constructor(socket: Socket, login: Login, protocol: ProtocolLevel, listener: ConnectionListener) {
    this.#socket = socket;
    this.#listener = listener;
    guardPacketSize(socket, CUT_ABOVE_BYTES, (bytes) => this.fail(endOfOversize(bytes)));
    const client = new MqttClient(() => socket, {
      protocolVersion: protocol,
      protocolId: 'MQTT',
      clientId: login.clientId,
      ...(login.username === undefined ? {} : { username: login.username }),
      ...(login.password === undefined ? {} : { password: login.password }),
      clean: login.clean,
      keepalive: KEEPALIVE_S,
      connectTimeout: CONNACK_TIMEOUT,
      reconnectPeriod: 0,
      resubscribe: false,
      queueQoSZero: false,
      timerVariant: 'native',
      // The packet writer's cache of all 65,536 packet ids would cost 7 MB of memory.
      writeCache: false,
      log: () => undefined,
      ...(protocol === 5
        ? {
            properties: {
              receiveMaximum: RECEIVE_MAXIMUM,
              maximumPacketSize: MAXIMUM_PACKET_BYTES,
              ...(login.clean ? {} : { sessionExpiryInterval: SESSION_EXPIRY_S }),
            },
          }
        : {}),
    });
    this.#client = client;
    this.acks = new AckQueue((bytes) => {
      if (client.stream === socket && socket.writable) socket.write(bytes);
    });
    this.ended = new Promise((resolve) => {
      client.once('close', () => {
        this.acks.close();
        for (const abandon of this.#publishing) abandon();
        this.#publishing.clear();
        resolve(this.#end ?? this.#unexplainedEnd());
      });
    });
    client.on('error', (error) => {
      this.#error ??= error;
      // MQTT.js reports an unreadable packet but keeps the stream, on which nothing can be read any more.
      socket.destroy();
    });
    client.on('packetreceive', (packet) => {
      if (packet.cmd === 'publish') {
        this.#incomingQos = packet.qos;
        packet.qos = 0;
      } else if (packet.cmd === 'connack') {
        const code = packet.reasonCode ?? packet.returnCode ?? 0;
        if (code === 0) {
          this.#accepted = true;
          listener.accepted(packet.sessionPresent);
        } else this.#end ??= endOfConnack(code);
      } else if (packet.cmd === 'disconnect') {
        this.#end ??= endOfDisconnect(packet.reasonCode ?? 0);
      }
    });
    client.on('connect', () => listener.ready());
    client.handleMessage = (packet, next) => this.#receive(packet, () => next());
  }

  /** Asks for topics at QoS 1; the granted code of each (MQTT 5, 3.9.3), or null when the connection ended before. */
  subscribe(topics: readonly string[]): Promise<readonly number[] | null> {
    return new Promise((resolve) => {
      // `rh: 1`: the broker sends retained messages only for a subscription it did not have yet.
      this.#client.subscribe([...topics], { qos: 1, rh: 1 }, (_error, _subscriptions, packet?: ISubackPacket) => {
        const granted = packet?.granted;
        resolve(granted === undefined ? null : granted.map(Number));
      });
    });
  }

  /** Stops a subscription that an older configuration left in the session. */
  unsubscribe(topic: string): void {
    this.#client.unsubscribe(topic, () => undefined);
  }

  /** Resolves with the reason code (MQTT 5, 3.4.2.1) when the broker has taken the message; null when the connection ended before. */
  publish(topic: string, bytes: Buffer, options: { qos: 0 | 1; retain: boolean }): Promise<number | null> {
    return new Promise((resolve) => {
      const abandon = (): void => resolve(null);
      this.#publishing.add(abandon);
      this.#client.publish(topic, bytes, options, (error) => {
        this.#publishing.delete(abandon);
        if (error === undefined || error === null) resolve(0);
        else resolve('code' in error && typeof error.code === 'number' ? error.code : null);
      });
    });
  }

  /** Closes at once because of something that happened on our side; `end` is what `ended` will say. */
  fail(end: ConnectionEnd): void {
    this.#end ??= end;
    this.#socket.destroy();
  }

  /** Writes what may still be acknowledged, says DISCONNECT and closes; hard when that takes too long. */
  async close(deadlineMs: DurationMs): Promise<void> {
    this.acks.flush();
    this.acks.close();
    const deadline = setTimeout(() => this.#socket.destroy(), deadlineMs);
    if (this.#accepted) this.#socket.end(generate({ cmd: 'disconnect' }));
    else this.#socket.destroy();
    await this.ended;
    clearTimeout(deadline);
  }

  #receive(packet: IPublishPacket, next: () => void): void {
    const qos = this.#incomingQos;
    const { topic, payload, retain, messageId } = packet;
    this.#listener.delivered(
      {
        topic,
        bytes: typeof payload === 'string' ? Buffer.from(payload) : payload,
        retained: retain,
        qos,
        ack: qos === 0 || messageId === undefined ? null : this.acks.expect(messageId, qos),
      },
      next,
    );
  }

  #unexplainedEnd(): ConnectionEnd {
    const reason = this.#error?.message ?? 'closed by the broker';
    if (this.#accepted) return { cause: 'lost', detail: `The connection to the broker broke: ${reason}.`, hint: null };
    if (this.#error !== null && errorCode(this.#error) !== '') return endOfSocketError(this.#error);
    return { cause: 'mute', detail: `The broker did not answer the login: ${reason}.`, hint: null };
  }
}
