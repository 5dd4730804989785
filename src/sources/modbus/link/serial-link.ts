import type { SerialPort } from 'serialport';
import type { Link, LinkEvents } from './link.ts';

export interface SerialOptions {
  /** Best below `/dev/serial/by-id`, which stays the same when adapters are plugged in another order. */
  readonly path: string;
  readonly baud: number;
  readonly parity: 'none' | 'even' | 'odd';
  readonly dataBits: 7 | 8;
  readonly stopBits: 1 | 2;
}

/** A serial port. Its library is loaded when one is opened: most gateways have none. */
export class SerialLink implements Link {
  readonly title: string;
  readonly #options: SerialOptions;
  #port: SerialPort | null = null;
  /** Settles when the port is open or could not be opened. */
  #opening: Promise<unknown> = Promise.resolve();

  constructor(options: SerialOptions) {
    this.title = `${options.path} at ${options.baud} baud`;
    this.#options = options;
  }

  async open({ onBytes, onBroken }: LinkEvents): Promise<void> {
    const { SerialPort } = await import('serialport');
    const { path, baud, parity, dataBits, stopBits } = this.#options;
    const port = new SerialPort({ path, baudRate: baud, parity, dataBits, stopBits, autoOpen: false, lock: true });
    this.#port = port;
    port.on('data', onBytes);
    port.on('error', (error) => onBroken(error.message));
    // After an adapter was unplugged the port still says that it is open.
    port.on('close', () => onBroken('the port was closed'));
    const opened = new Promise<void>((resolve, reject) =>
      port.open((error) => {
        if (error === null) resolve();
        else reject(error);
      }),
    );
    this.#opening = opened.catch(() => undefined);
    await opened;
    if (this.#port !== port) throw new Error('closed');
  }

  write(bytes: Uint8Array): void {
    this.#port?.write(bytes);
  }

  async close(): Promise<void> {
    const port = this.#port;
    this.#port = null;
    await this.#opening;
    if (port?.isOpen !== true) return;
    await new Promise<void>((resolve) => {
      port.close(() => resolve());
    });
  }
}
