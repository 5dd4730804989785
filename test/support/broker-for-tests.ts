import { onTestFinished } from 'vitest';
import { Publisher } from '../../src/sources/mqtt/publisher.ts';
import { Mosquitto, type MosquittoOptions } from './mosquitto.ts';

export interface TestBroker {
  readonly mosquitto: Mosquitto;
  readonly port: number;
  /** Resolves when the broker has acknowledged the message (QoS 1). */
  readonly publish: (topic: string, payload: string) => Promise<void>;
}

/** Debian's Mosquitto with a publisher that stays connected; both end with the test. */
export async function startBroker(options: MosquittoOptions = {}): Promise<TestBroker> {
  const mosquitto = await Mosquitto.start(options);
  onTestFinished(() => mosquitto.stop());
  const publisher = await connectPublisher(mosquitto.url);
  return {
    mosquitto,
    port: mosquitto.port,
    publish: (topic, payload) => publisher.publish(topic, payload, { qos: 1, retain: false }),
  };
}

/** A QoS 1 publisher that ends with the test. */
export async function connectPublisher(url: string): Promise<Publisher> {
  const publisher = await Publisher.connect(
    { url, protocol: '3.1.1', clientId: 'test-publisher' },
    AbortSignal.timeout(10_000),
  );
  onTestFinished(() => publisher.close());
  return publisher;
}
