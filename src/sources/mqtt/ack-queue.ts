/** First byte of a PUBACK and of a PUBREC (MQTT 5, 2.1.2). */
const TYPES = { puback: 0x40, pubrec: 0x50 } as const;
/** What either is, with reason code and properties left out (MQTT 5, 3.4.2.1): type, length, message id. */
const BYTES = 4;

/** One message that must be acknowledged, in the order it was received. */
export interface PendingAck {
  readonly messageId: number;
  /** PUBACK answers QoS 1; PUBREC answers the QoS 2 messages of an older session. */
  readonly cmd: keyof typeof TYPES;
  settled: boolean;
}

/**
 * The acknowledgements of one connection. They leave in receipt order (MQTT-4.6.0-2), and all that became ready in one
 * turn leave in one write. After `close()` nothing is written: message ids mean nothing on another connection.
 */
export class AckQueue {
  readonly #write: (bytes: Uint8Array) => void;
  #entries: PendingAck[] = [];
  #head = 0;
  #scheduled = false;
  #closed = false;

  constructor(write: (bytes: Uint8Array) => void) {
    this.#write = write;
  }

  expect(messageId: number, qos: 1 | 2): PendingAck {
    const ack: PendingAck = { messageId, cmd: qos === 1 ? 'puback' : 'pubrec', settled: false };
    this.#entries.push(ack);
    return ack;
  }

  settle(ack: PendingAck): void {
    ack.settled = true;
    if (this.#scheduled || this.#closed || this.#entries[this.#head] === undefined) return;
    this.#scheduled = true;
    // Runs after the microtasks of this turn, so after every promise the same commit resolves.
    process.nextTick(() => this.flush());
  }

  flush(): void {
    this.#scheduled = false;
    let next = this.#head;
    while (this.#entries[next]?.settled === true) next += 1;
    const frames = Buffer.allocUnsafe((next - this.#head) * BYTES);
    let at = 0;
    for (const { cmd, messageId } of this.#entries.slice(this.#head, next)) {
      frames[at] = TYPES[cmd];
      frames[at + 1] = BYTES - 2;
      at = frames.writeUInt16BE(messageId, at + 2);
    }
    this.#head = next;
    if (this.#head === this.#entries.length || this.#head > 4_096) {
      this.#entries = this.#entries.slice(this.#head);
      this.#head = 0;
    }
    if (frames.length > 0 && !this.#closed) this.#write(frames);
  }

  close(): void {
    this.#closed = true;
    this.#entries = [];
    this.#head = 0;
  }
}
