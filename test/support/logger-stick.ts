/** A logger stick on TCP: strict about the frame around a request, with an inverter behind it. */
import { createServer, type Server, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import { rtuAnswer, rtuException, solarmanAnswer, withCrc } from './modbus-frames.ts';
import type { ReadRequest } from '../../src/sources/modbus/read-request.ts';

export interface StickOptions {
  readonly logger: number;
  /** Null: the inverter has no such register. */
  word(address: number): number | null;
  /** What the stick does with its first requests. */
  readonly odd?: readonly ('sleeps' | 'heartbeat first' | 'hangs up')[];
}

export class LoggerStick {
  /** What it found wrong with frames it was sent. */
  readonly complaints: string[] = [];
  requests = 0;
  connections = 0;
  readonly #options: StickOptions;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(options: StickOptions) {
    this.#options = options;
    this.#server = createServer((socket) => {
      this.connections++;
      this.#sockets.add(socket);
      socket.on('data', (frame: Buffer) => this.#take(socket, frame));
      socket.on('error', () => undefined);
    });
  }

  static async start(options: StickOptions): Promise<LoggerStick> {
    const stick = new LoggerStick(options);
    await new Promise<void>((resolve) => stick.#server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => {
      for (const socket of stick.#sockets) socket.destroy();
      stick.#server.close();
    });
    return stick;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  #take(socket: Socket, frame: Buffer): void {
    const flaw = this.#flawOf(frame);
    if (flaw !== null) return void this.complaints.push(flaw);
    const odd = this.#options.odd?.[this.requests++] ?? null;
    const inner = frame.subarray(26, -2);
    const request: ReadRequest = {
      unit: inner.readUInt8(0),
      fc: inner.readUInt8(1) as ReadRequest['fc'],
      start: inner.readUInt16BE(2),
      count: inner.readUInt16BE(4),
    };
    const sequence = frame.readUInt8(5);
    if (odd === 'hangs up') return void socket.destroy();
    if (odd === 'heartbeat first') {
      const heartbeat = solarmanAnswer(this.#options.logger, sequence, new Uint8Array());
      heartbeat[4] = 0x47;
      heartbeat[heartbeat.length - 2] = heartbeat.subarray(1, -2).reduce((sum, byte) => sum + byte, 0);
      socket.write(heartbeat);
    }
    const answer = odd === 'sleeps' ? new Uint8Array() : this.#answerTo(request);
    socket.write(solarmanAnswer(this.#options.logger, sequence, answer));
  }

  #answerTo(request: ReadRequest): Uint8Array {
    const words = Array.from({ length: request.count }, (_, i) => this.#options.word(request.start + i));
    if (words.includes(null)) return rtuException(request, 2, 0x90);
    return rtuAnswer(request, Uint8Array.from(words.flatMap((word) => [(word ?? 0) >> 8, (word ?? 0) & 0xff])));
  }

  #flawOf(frame: Buffer): string | null {
    if (frame.at(0) !== 0xa5 || frame.at(-1) !== 0x15) return 'no start or end';
    if (frame.readUInt16LE(1) !== frame.length - 13) return 'wrong length';
    if (frame.readUInt16LE(3) !== 0x4510) return 'no request';
    if (frame.readUInt32LE(7) !== this.#options.logger) return 'another logger';
    if (frame.at(-2) !== (frame.subarray(1, -2).reduce((sum, byte) => sum + byte, 0) & 0xff)) return 'wrong sum';
    if (frame[11] !== 2 || frame.subarray(12, 26).some((byte) => byte !== 0)) return 'wrong payload head';
    const inner = frame.subarray(26, -2);
    return Buffer.compare(withCrc(inner.subarray(0, -2)), inner) === 0 ? null : 'wrong checksum of the request';
  }
}
