import { expect, it, vi } from 'vitest';
import { type BrokerConnection, ReconnectingPublisher } from '../../../src/commands/reconnecting-publisher.ts';
import { EXIT, GatewayError } from '../../../src/model/error.ts';
import type { Clock } from '../../../src/platform/clock.ts';

/** Sleeps end at the next turn of the loop. */
const hasty: Clock = { wallMs: () => 0, monoMs: () => 0, sleep: () => new Promise((resolve) => setImmediate(resolve)) };

function connection(): BrokerConnection & { cut: () => void; sent: string[] } {
  const { promise, resolve } = Promise.withResolvers<void>();
  const sent: string[] = [];
  return {
    sent,
    publish: async (_topic, payload) => void sent.push(payload),
    ended: () => promise,
    close: async () => resolve(),
    cut: resolve,
  };
}

const refused = (exitCode: 2 | 4) => new GatewayError('The broker refused.', { hint: 'Look at it.', exitCode });

it('opens a new connection whenever the last one ended or could not be opened', async () => {
  const connections = [connection(), connection()];
  const said: string[] = [];
  let attempts = 0;
  const publisher = new ReconnectingPublisher({
    open: () => {
      attempts += 1;
      const next = attempts === 2 || attempts === 3 ? undefined : connections[attempts === 1 ? 0 : 1];
      return next === undefined ? Promise.reject(refused(EXIT.failing)) : Promise.resolve(next);
    },
    clock: hasty,
    report: (sentence) => said.push(sentence),
  });
  await expect(publisher.publish('t', 'early', { qos: 1, retain: false })).rejects.toThrow('not connected');
  let connected = 0;
  const running = publisher.run(() => (connected += 1));
  await vi.waitFor(() => expect(connected).toBe(1));
  await publisher.publish('t', 'one', { qos: 1, retain: false });
  connections[0]?.cut();
  await vi.waitFor(() => expect(connected).toBe(2));
  await publisher.publish('t', 'two', { qos: 1, retain: false });
  await publisher.close();
  await running;
  expect(connections.map((c) => c.sent)).toEqual([['one'], ['two']]);
  expect(said).toEqual(['connected', 'connection lost', 'The broker refused.', 'connected']);
});

it('gives up when the settings can never work', async () => {
  const publisher = new ReconnectingPublisher({
    open: () => Promise.reject(refused(EXIT.configuration)),
    clock: hasty,
    report: () => undefined,
  });
  await expect(publisher.run(() => undefined)).rejects.toThrow('The broker refused.');
});
