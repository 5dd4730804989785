import type { Clock } from '../../platform/clock.ts';
import type { Log } from '../../platform/log.ts';
import type { InFlight } from '../in-flight.ts';
import type { Inlet, Payload } from '../source.ts';
import type { PendingAck } from './ack-queue.ts';
import type { Connection, Delivery } from './connection.ts';
import type { DeliveryQuality } from './delivery-quality.ts';
import type { WaitedDetector } from './waited.ts';

export interface ReceiverParts {
  readonly connection: Connection;
  readonly inlet: Inlet;
  readonly waited: WaitedDetector;
  readonly inFlight: InFlight;
  readonly quality: DeliveryQuality;
  readonly markerTopic: string;
  readonly matches: (topic: string) => boolean;
  readonly maxPayloadBytes: number;
  readonly clock: Clock;
  readonly log: Log;
}

/** Messages that are stored together. */
interface Taken {
  readonly stored: Promise<void>;
  readonly acks: PendingAck[];
  messages: number;
  bytes: number;
}

/** Takes the messages of one connection in, and has each acknowledged once the intake is done with it. */
export class Receiver {
  readonly #parts: ReceiverParts;
  /** Topics already asked to be unsubscribed on this connection. */
  readonly #strays = new Set<string>();
  #held: { readonly next: () => void; readonly leave: () => void } | null = null;
  #taken: Taken | null = null;
  #closed = false;

  constructor(parts: ReceiverParts) {
    this.#parts = parts;
  }

  receive(delivery: Delivery, next: () => void): void {
    const { inFlight, waited, inlet, clock, markerTopic, matches } = this.#parts;
    const { topic, bytes, qos, retained, ack } = delivery;
    // Not acknowledged after closing, so the broker delivers it again.
    if (this.#closed) return next();
    if (topic === markerTopic) {
      waited.sawMarker(bytes);
      this.#settle(ack);
      return next();
    }
    waited.sawMessage();
    const asked = matches(topic);
    if (!asked) this.#unsubscribe(topic);
    const unwanted = this.#whyUnwanted(asked, bytes.length);
    if (unwanted === null && qos === 0 && !retained) this.#parts.quality.sawQos0(topic, clock.monoMs());
    const payload: Payload = { topic, bytes, retained, waited: waited.waiting, qos, receivedMono: clock.monoMs() };
    if (!inFlight.full) {
      this.#take(payload, unwanted, ack);
      return next();
    }
    if (ack === null) {
      inlet.drop(topic, 'came with QoS 0 while 1,024 messages were waiting for the disk');
      return next();
    }
    // Holding `next` stops the reading of this connection: the broker keeps the rest.
    const leave = inFlight.whenRoom(() => {
      this.#held = null;
      this.#take(payload, unwanted, ack);
      next();
    });
    this.#held = { next, leave };
  }

  /** Takes nothing in any more; what was taken in is still acknowledged as long as the connection stands. */
  close(): void {
    this.#closed = true;
    const held = this.#held;
    this.#held = null;
    held?.leave();
    held?.next();
  }

  /** Null for a message to be looked at. */
  #whyUnwanted(asked: boolean, size: number): string | null {
    const { maxPayloadBytes } = this.#parts;
    if (!asked) return 'the topic is no longer configured';
    return size > maxPayloadBytes ? `larger than ${maxPayloadBytes} bytes` : null;
  }

  #take(payload: Payload, unwanted: string | null, ack: PendingAck | null): void {
    const { inlet, inFlight } = this.#parts;
    // Of an unwanted message only its count is kept.
    const size = unwanted === null ? payload.bytes.length : 0;
    inFlight.take(size);
    const stored = unwanted === null ? inlet.accept(payload) : inlet.refuse(payload, unwanted);
    if (this.#taken?.stored !== stored) this.#taken = this.#watch(stored);
    this.#taken.messages++;
    this.#taken.bytes += size;
    if (ack !== null) this.#taken.acks.push(ack);
  }

  /** What is to be stored together waits with one promise: the intake gives the messages of a commit the same one. */
  #watch(stored: Promise<void>): Taken {
    const { inFlight, connection, log } = this.#parts;
    const taken: Taken = { stored, acks: [], messages: 0, bytes: 0 };
    const over = (): void => {
      if (this.#taken === taken) this.#taken = null;
      inFlight.release(taken.bytes, taken.messages);
    };
    stored.then(
      () => {
        for (const ack of taken.acks) this.#settle(ack);
        over();
      },
      (error: unknown) => {
        over();
        const reason = error instanceof Error ? error.message : String(error);
        log.debug({ messages: taken.messages, reason }, 'the intake did not take what came');
        // Without an acknowledgement the broker delivers again only on a new connection.
        connection.fail({ cause: 'storage', detail: `The queue cannot take messages: ${reason}.`, hint: null });
      },
    );
    return taken;
  }

  /** A subscription that an older configuration left in the session would bring messages for ever. */
  #unsubscribe(topic: string): void {
    if (this.#strays.has(topic) || this.#strays.size >= 100) return;
    this.#strays.add(topic);
    this.#parts.connection.unsubscribe(topic);
  }

  #settle(ack: PendingAck | null): void {
    if (ack !== null) this.#parts.connection.acks.settle(ack);
  }
}
