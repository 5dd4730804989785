import { getEventListeners } from 'node:events';
import { afterEach, expect, it } from 'vitest';
import { Publisher } from '../../../../src/sources/mqtt/publisher.ts';
import { FakeBroker } from '../../../support/fake-broker.ts';

const brokers: FakeBroker[] = [];

afterEach(async () => {
  for (const broker of brokers.splice(0)) await broker.close();
});

it('the signal ends only the attempt to connect: a connection that stands outlives its deadline', async () => {
  const broker = await FakeBroker.listen();
  brokers.push(broker);
  const deadline = new AbortController();
  const publisher = await Publisher.connect({ url: broker.url, protocol: 'auto', clientId: 'p' }, deadline.signal);
  expect(getEventListeners(deadline.signal, 'abort')).toEqual([]);
  deadline.abort();
  await publisher.publish('a', 'x', { qos: 1, retain: false });
  await publisher.close();
});

it('the signal ends a login that the broker does not answer', async () => {
  const broker = await FakeBroker.listen({ onConnect: () => undefined });
  brokers.push(broker);
  const deadline = new AbortController();
  const connecting = Publisher.connect({ url: broker.url, protocol: '5', clientId: 'p' }, deadline.signal);
  const outcome = connecting.catch((error: unknown) => String(error));
  await expect.poll(() => broker.connections[0]?.connect ?? null).not.toBeNull();
  deadline.abort();
  expect(await outcome).toContain('did not answer the login');
  expect(getEventListeners(deadline.signal, 'abort')).toEqual([]);
});
