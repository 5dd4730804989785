import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { parser, type Packet } from 'mqtt-packet';
import type { Stage } from './stage.ts';

/**
 * Stands between a client and its broker and counts how many QoS 1 messages the client has not acknowledged. It parses all that
 * passes, so nothing else should be measured through it.
 */
export class CountingProxy {
  readonly port: number;
  #asked: number | null = null;
  #unacknowledged = 0;
  #most = 0;

  private constructor(port: number) {
    this.port = port;
  }

  static async start(stage: Stage, brokerPort: number, protocol: '5' | '3.1.1'): Promise<CountingProxy> {
    const protocolVersion = protocol === '5' ? 5 : 4;
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const proxy = new CountingProxy((server.address() as AddressInfo).port);
    const sockets = new Set<Socket>();
    server.on('connection', (client) => {
      const broker = connect({ port: brokerPort, host: '127.0.0.1', noDelay: true });
      proxy.#join(client.setNoDelay(), broker, protocolVersion);
      for (const socket of [client, broker]) sockets.add(socket);
    });
    stage.onEnd(() => {
      server.close();
      for (const socket of sockets) socket.destroy();
    });
    return proxy;
  }

  /** The receive maximum of the client's newest CONNECT; null when it named none. */
  get askedWindow(): number | null {
    return this.#asked;
  }

  /** The largest number of unacknowledged messages so far. */
  get seenWindow(): number {
    return this.#most;
  }

  #join(client: Socket, broker: Socket, protocolVersion: 4 | 5): void {
    const upward = parser({ protocolVersion });
    const downward = parser({ protocolVersion });
    this.#unacknowledged = 0;
    upward.on('packet', (packet: Packet) => {
      if (packet.cmd === 'connect') this.#asked = packet.properties?.receiveMaximum ?? null;
      if (packet.cmd === 'puback') this.#unacknowledged -= 1;
    });
    downward.on('packet', (packet: Packet) => {
      if (packet.cmd !== 'publish' || packet.qos !== 1) return;
      this.#unacknowledged += 1;
      this.#most = Math.max(this.#most, this.#unacknowledged);
    });
    client.on('data', (bytes) => upward.parse(bytes));
    broker.on('data', (bytes) => downward.parse(bytes));
    client.pipe(broker).pipe(client);
    for (const [socket, other] of [
      [client, broker],
      [broker, client],
    ] as const) {
      socket.on('error', () => other.destroy());
      socket.on('close', () => other.destroy());
    }
  }
}
