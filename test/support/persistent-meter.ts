import { onTestFinished } from 'vitest';
import { Publisher } from '../../src/sources/mqtt/publisher.ts';

const PUBLISHERS = 4;
const AGAIN_AFTER_MS = 100;
/** Between two messages of one publisher. */
const PAUSE_MS = 10;

/**
 * Publishes readings of the value n = 0, 1, 2 … with their time and QoS 1, several at a time, for as long as there is a broker;
 * a message whose acknowledgement is missing when the connection ends is published again. Stops with the test.
 */
export class PersistentMeter {
  readonly acknowledged = new Set<number>();
  readonly #url: string;
  readonly #stopping = new AbortController();
  #next = 0;
  #running: Promise<void> = Promise.resolve();

  constructor(url: string) {
    this.#url = url;
    onTestFinished(() => this.stop());
  }

  start(): void {
    this.#running = this.#run();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    const unacknowledged = new Map<number, string>();
    while (!signal.aborted) {
      const publisher = await this.#connect();
      if (publisher === null) continue;
      const closing = (): void => void publisher.close();
      signal.addEventListener('abort', closing, { once: true });
      // What is published when the connection has ended already is never answered.
      const ended = publisher.ended().then(() => Promise.reject(new Error('the connection has ended')));
      const publishing = Array.from({ length: PUBLISHERS }, () => this.#publish(publisher, ended, unacknowledged));
      await Promise.allSettled([...publishing, ended]);
      signal.removeEventListener('abort', closing);
      await publisher.close();
    }
  }

  /** Null, after a pause, while nobody answers. */
  async #connect(): Promise<Publisher | null> {
    try {
      const options = { url: this.#url, protocol: '3.1.1', clientId: 'meter' } as const;
      return await Publisher.connect(options, AbortSignal.timeout(5_000));
    } catch {
      await new Promise((resolve) => setTimeout(resolve, AGAIN_AFTER_MS));
      return null;
    }
  }

  /** Ends when the connection does. */
  async #publish(publisher: Publisher, ended: Promise<never>, unacknowledged: Map<number, string>): Promise<void> {
    while (!this.#stopping.signal.aborted) {
      const [[n, payload] = this.#measure()] = unacknowledged;
      unacknowledged.delete(n);
      try {
        await Promise.race([publisher.publish('amis/data', payload, { qos: 1, retain: false }), ended]);
      } catch (error) {
        unacknowledged.set(n, payload);
        throw error;
      }
      this.acknowledged.add(n);
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }

  #measure(): readonly [number, string] {
    const n = this.#next++;
    return [n, `{"1.7.0":${n},"time":${Math.floor(Date.now() / 1000)},"serialnumber":"1"}`];
  }
}
