import { connect, type Socket } from 'node:net';
import type { DurationMs } from '../../../model/time.ts';
import { sharedLookup } from '../../../platform/shared-lookup.ts';
import type { Link, LinkEvents } from './link.ts';

const CONNECT_WITHIN: DurationMs = 5_000;

/** A converter, a logger stick or a device on the network. */
export class TcpLink implements Link {
  readonly title: string;
  readonly #host: string;
  readonly #port: number;
  readonly #connectWithinMs: DurationMs;
  #socket: Socket | null = null;

  constructor(host: string, port: number, connectWithinMs: DurationMs = CONNECT_WITHIN) {
    this.title = `${host}:${port}`;
    this.#host = host;
    this.#port = port;
    this.#connectWithinMs = connectWithinMs;
  }

  open({ onBytes, onBroken }: LinkEvents): Promise<void> {
    return new Promise((resolve, reject) => {
      const socket = connect({
        host: this.#host,
        port: this.#port,
        lookup: sharedLookup,
        noDelay: true,
        keepAlive: true,
      });
      this.#socket = socket;
      socket.setTimeout(this.#connectWithinMs, () => socket.destroy(new Error('no connection in time')));
      socket.once('connect', () => {
        socket.setTimeout(0);
        resolve();
      });
      socket.on('data', onBytes);
      socket.on('error', (error) => {
        reject(error);
        onBroken(error.message);
      });
      socket.once('close', () => {
        reject(new Error('closed'));
        onBroken('the connection was closed');
      });
    });
  }

  write(bytes: Uint8Array): void {
    this.#socket?.write(bytes);
  }

  close(): Promise<void> {
    const socket = this.#socket;
    this.#socket = null;
    if (socket === null || socket.closed) return Promise.resolve();
    return new Promise((resolve) => {
      socket.once('close', () => resolve());
      socket.destroy();
    });
  }
}
