import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { generate, parser, type Packet } from 'mqtt-packet';

/** Publishes sent before the first of them is acknowledged. */
const WINDOW = 4_000;
const IDS = 65_535;

/** Publishes at QoS 1 as fast as a broker takes it: MQTT 3.1.1 by hand, with thousands of messages in flight. */
export class MqttFlood {
  readonly #socket: Socket;
  #unacknowledged = 0;
  #nextId = 1;
  #wake: (() => void) | null = null;

  private constructor(socket: Socket) {
    this.#socket = socket;
  }

  static async connect(port: number): Promise<MqttFlood> {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    await once(socket, 'connect');
    const flood = new MqttFlood(socket);
    const accepted = flood.#listen();
    socket.write(
      generate({
        cmd: 'connect',
        protocolId: 'MQTT',
        protocolVersion: 4,
        clean: true,
        clientId: 'bench-flood',
        keepalive: 0,
      }),
    );
    await accepted;
    return flood;
  }

  /** Resolves when the broker has acknowledged every message. */
  async publish(messages: Iterable<{ readonly topic: string; readonly payload: string }>): Promise<void> {
    const chunk: Buffer[] = [];
    for (const { topic, payload } of messages) {
      const messageId = this.#nextId;
      this.#nextId = (this.#nextId % IDS) + 1;
      this.#unacknowledged += 1;
      chunk.push(generate({ cmd: 'publish', topic, payload, qos: 1, messageId, dup: false, retain: false }));
      if (chunk.length === 256) this.#socket.write(Buffer.concat(chunk.splice(0)));
      if (this.#unacknowledged >= WINDOW) await this.#until(WINDOW / 2);
    }
    this.#socket.write(Buffer.concat(chunk));
    await this.#until(0);
  }

  async close(): Promise<void> {
    this.#socket.end(generate({ cmd: 'disconnect' }));
    if (!this.#socket.closed) await once(this.#socket, 'close');
  }

  async #until(unacknowledged: number): Promise<void> {
    while (this.#unacknowledged > unacknowledged) {
      if (this.#socket.destroyed) throw new Error('the broker closed the connection of the publisher');
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  #listen(): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const packets = parser();
    packets.on('packet', (packet: Packet) => {
      if (packet.cmd === 'connack') resolve();
      if (packet.cmd === 'puback') this.#unacknowledged -= 1;
    });
    this.#socket.on('data', (bytes) => {
      packets.parse(bytes);
      this.#wake?.();
    });
    this.#socket.on('error', reject);
    this.#socket.on('close', () => {
      reject(new Error('the broker closed the connection of the publisher'));
      this.#wake?.();
    });
    return promise;
  }
}
