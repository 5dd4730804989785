/** A name server on an address of its own on loopback, and a world in which it is the only one. Needs root. */
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { OnEnd } from './on-end.ts';
import { tempDir } from './temp-dir.ts';

export type NameServerMode = 'answer' | 'refuse' | 'hang';

const PORT = 53;
const HEADER_BYTES = 12;
const TYPE_A = 1;
const REFUSED = 5;
const LOOPBACK = Buffer.from([127, 0, 0, 1]);

let started = 0;

/** Answers every name with 127.0.0.1, refuses, or says nothing. */
export class NameServer {
  readonly #socket: Socket = createSocket('udp4');
  readonly #address = `127.53.${process.pid % 250}.${++started}`;
  mode: NameServerMode = 'answer';
  /** Questions that came in, whatever became of them. */
  questions = 0;

  private constructor() {
    this.#socket.on('message', (query, { port, address }) => {
      this.questions += 1;
      if (this.mode !== 'hang') this.#socket.send(replyTo(query, this.mode), port, address);
    });
  }

  /** Ends with the test, or with whatever else `onEnd` stands for. */
  static async start(onEnd: OnEnd = onTestFinished): Promise<NameServer> {
    const server = new NameServer();
    server.#socket.bind(PORT, server.#address);
    await once(server.#socket, 'listening');
    onEnd(async () => {
      server.#socket.close();
      await once(server.#socket, 'close');
    });
    return server;
  }

  /** The program with arguments that runs another one with this as its only name server, in a mount namespace of its own. */
  get world(): readonly string[] {
    return this.worldIn(tempDir());
  }

  /** The same, with its file in a directory of the caller's. */
  worldIn(dir: string): readonly string[] {
    const file = join(dir, 'resolv.conf');
    writeFileSync(file, `nameserver ${this.#address}\n`);
    const script = 'mount --bind "$0" /etc/resolv.conf && exec "$@"';
    return ['unshare', '--mount', '--propagation', 'slave', 'sh', '-c', script, file];
  }
}

/** RFC 1035, section 4.1: the question again, with an address where one was asked for. */
function replyTo(query: Buffer, mode: 'answer' | 'refuse'): Buffer {
  const end = query.indexOf(0, HEADER_BYTES) + 1 + 4;
  const reply = Buffer.from(query.subarray(0, end));
  const answers = mode === 'answer' && query.readUInt16BE(end - 4) === TYPE_A ? 1 : 0;
  reply.writeUInt16BE(0x81_80 | (mode === 'refuse' ? REFUSED : 0), 2);
  reply.writeUInt16BE(answers, 6);
  reply.writeUInt32BE(0, 8);
  if (answers === 0) return reply;
  const record = Buffer.from([0xc0, HEADER_BYTES, 0, TYPE_A, 0, 1, 0, 0, 0, 0, 0, LOOPBACK.length]);
  return Buffer.concat([reply, record, LOOPBACK]);
}
