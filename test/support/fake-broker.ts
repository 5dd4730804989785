/** A broker that does exactly what a test says: raw sockets and MQTT packets, every received byte kept. */
import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { generate, parser } from 'mqtt-packet';
import type { IConnectPacket, Packet } from 'mqtt-packet';

export interface FakeBrokerOptions {
  readonly tls?: { readonly key: string; readonly cert: string };
  readonly port?: number;
  /** What a CONNECT gets; by default a CONNACK without a session. */
  onConnect?: (connection: FakeConnection, packet: IConnectPacket) => void;
  /** The codes of a SUBACK; by default 1 for each topic. */
  grant?: (topic: string) => number;
  /** What a PUBLISH from the client gets besides its PUBACK: by default it comes back, as to a subscriber. */
  onPublish?: (connection: FakeConnection, packet: Packet & { cmd: 'publish' }) => void;
}

export class FakeBroker {
  readonly connections: FakeConnection[] = [];
  readonly options: FakeBrokerOptions;
  readonly #server: Server;

  private constructor(options: FakeBrokerOptions) {
    this.options = options;
    const welcome = (socket: Socket): void => {
      this.connections.push(new FakeConnection(socket, this.options));
    };
    this.#server = options.tls === undefined ? createServer(welcome) : createTlsServer(options.tls, welcome);
    this.#server.on('tlsClientError', () => undefined);
  }

  static async listen(options: FakeBrokerOptions = {}): Promise<FakeBroker> {
    const broker = new FakeBroker(options);
    await new Promise<void>((resolve) => broker.#server.listen(options.port ?? 0, '127.0.0.1', resolve));
    return broker;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get url(): string {
    return `${this.options.tls === undefined ? 'mqtt' : 'mqtts'}://127.0.0.1:${this.port}`;
  }

  async close(): Promise<void> {
    for (const connection of this.connections) connection.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

export class FakeConnection {
  readonly received: Packet[] = [];
  /** Size of each chunk that held a PUBACK or PUBREC, in the number of them. */
  readonly ackWrites: number[] = [];
  connect: IConnectPacket | null = null;
  closed = false;
  bytesReceived = 0;
  readonly #socket: Socket;
  readonly #options: FakeBrokerOptions;

  constructor(socket: Socket, options: FakeBrokerOptions) {
    this.#socket = socket;
    this.#options = options;
    socket.setNoDelay(true);
    socket.on('error', () => undefined);
    socket.on('close', () => (this.closed = true));
    const reader = parser({});
    reader.on('error', () => socket.destroy());
    let acksInChunk = 0;
    reader.on('packet', (packet: Packet) => {
      this.received.push(packet);
      if (packet.cmd === 'puback' || packet.cmd === 'pubrec') acksInChunk += 1;
      this.#answer(packet);
    });
    socket.on('data', (chunk: Buffer) => {
      this.bytesReceived += chunk.length;
      acksInChunk = 0;
      reader.parse(chunk);
      if (acksInChunk > 0) this.ackWrites.push(acksInChunk);
    });
  }

  get protocol(): 4 | 5 {
    return this.connect?.protocolVersion === 5 ? 5 : 4;
  }

  /** Message ids acknowledged so far, in order. */
  get acked(): number[] {
    return this.all('puback').map((packet) => packet.messageId ?? 0);
  }

  all<C extends Packet['cmd']>(cmd: C): (Packet & { cmd: C })[] {
    return this.received.filter((packet): packet is Packet & { cmd: C } => packet.cmd === cmd);
  }

  send(packet: Packet): void {
    this.raw(generate(packet, { protocolVersion: this.protocol }));
  }

  raw(bytes: Uint8Array): void {
    if (this.#socket.writable) this.#socket.write(bytes);
  }

  connack(options: { sessionPresent?: boolean; code?: number } = {}): void {
    const code = options.code ?? 0;
    this.send({ cmd: 'connack', sessionPresent: options.sessionPresent ?? false, reasonCode: code, returnCode: code });
  }

  publish(
    topic: string,
    payload: string,
    options: { id?: number; qos?: 0 | 1 | 2; retain?: boolean; dup?: boolean } = {},
  ): void {
    const { id = 1, qos = 1, retain = false, dup = false } = options;
    this.send({ cmd: 'publish', topic, payload, qos, retain, dup, ...(qos > 0 ? { messageId: id } : {}) });
  }

  end(): void {
    this.#socket.end();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #answer(packet: Packet): void {
    if (packet.cmd === 'connect') {
      this.connect = packet;
      if (this.#options.onConnect === undefined) this.connack();
      else this.#options.onConnect(this, packet);
    } else if (packet.cmd === 'subscribe') {
      const grant = this.#options.grant ?? ((): number => 1);
      this.send({
        cmd: 'suback',
        messageId: packet.messageId ?? 0,
        granted: packet.subscriptions.map((subscription) => grant(subscription.topic)),
      });
    } else if (packet.cmd === 'unsubscribe') {
      this.send({ cmd: 'unsuback', messageId: packet.messageId ?? 0, granted: packet.unsubscriptions.map(() => 0) });
    } else if (packet.cmd === 'pingreq') {
      this.send({ cmd: 'pingresp' });
    } else if (packet.cmd === 'publish') {
      if (this.#options.onPublish !== undefined) this.#options.onPublish(this, packet);
      else {
        if (packet.qos > 0) this.send({ cmd: 'puback', messageId: packet.messageId ?? 0 });
        this.publish(packet.topic, packet.payload.toString(), { id: 65_000 });
      }
    }
  }
}
