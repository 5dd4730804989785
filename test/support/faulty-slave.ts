/** Modbus devices on the end of a serial line that go wrong as they are told: late, spoilt, in pieces, or with an exception. */
import { SerialPort } from 'serialport';
import { onTestFinished } from 'vitest';
import { rtuAnswer, rtuException } from './modbus-frames.ts';
import { rtuRequest } from './rtu-request.ts';
import type { ReadRequest } from '../../src/sources/modbus/read-request.ts';

export interface Behaviour {
  readonly afterMs?: number;
  readonly spoil?: 'checksum' | 'noise' | 'silence';
  /** Two writes with a pause between them. */
  readonly inPieces?: boolean;
  readonly exception?: { readonly code: number; readonly functionByte?: number };
}

export interface FaultyDevice {
  word(unit: number, address: number): number;
  behave(request: ReadRequest): Behaviour;
}

const REQUEST_BYTES = 8;

export class FaultySlave {
  readonly requests: ReadRequest[] = [];
  readonly #port: SerialPort;
  readonly #device: FaultyDevice;
  /** By unit: when its last answer is out. A device answers in order. */
  readonly #busyUntil = new Map<number, number>();
  #received = Buffer.alloc(0);

  private constructor(port: SerialPort, device: FaultyDevice) {
    this.#port = port;
    this.#device = device;
    port.on('data', (chunk: Buffer) => this.#take(chunk));
    // The line is unplugged with the test.
    port.on('error', () => undefined);
  }

  static async start(path: string, device: FaultyDevice): Promise<FaultySlave> {
    const port = new SerialPort({ path, baudRate: 9600, autoOpen: false });
    await new Promise<void>((resolve, reject) => {
      port.open((error) => (error === null ? resolve() : reject(error)));
    });
    onTestFinished(
      () =>
        new Promise<void>((resolve) => {
          if (port.isOpen) port.close(() => resolve());
          else resolve();
        }),
    );
    return new FaultySlave(port, device);
  }

  #take(chunk: Buffer): void {
    this.#received = Buffer.concat([this.#received, chunk]);
    for (; this.#received.length >= REQUEST_BYTES; this.#received = this.#received.subarray(REQUEST_BYTES)) {
      const request = rtuRequest(this.#received);
      this.requests.push(request);
      this.#answer(request);
    }
  }

  #answer(request: ReadRequest): void {
    const { afterMs = 5, spoil, inPieces = false, exception } = this.#device.behave(request);
    if (spoil === 'silence') return;
    const words = Array.from({ length: request.count }, (_, i) => this.#device.word(request.unit, request.start + i));
    const data = Uint8Array.from(words.flatMap((word) => [word >> 8, word & 0xff]));
    const frame =
      exception === undefined
        ? rtuAnswer(request, data)
        : rtuException(request, exception.code, exception.functionByte);
    if (spoil === 'checksum') frame.set([(frame.at(-1) ?? 0) ^ 0x10], frame.length - 1);
    if (spoil === 'noise') frame.fill(0xa3);
    const cut = inPieces ? Math.ceil(frame.length / 2) : frame.length;
    const now = performance.now();
    const at = Math.max(now, this.#busyUntil.get(request.unit) ?? now) + afterMs;
    this.#busyUntil.set(request.unit, at);
    const inMs = Math.ceil(at - now);
    setTimeout(() => this.#write(frame.subarray(0, cut)), inMs);
    if (inPieces) setTimeout(() => this.#write(frame.subarray(cut)), inMs + 60);
  }

  #write(bytes: Uint8Array): void {
    if (this.#port.isOpen) this.#port.write(bytes);
  }
}
