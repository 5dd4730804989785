import { getEventListeners } from 'node:events';
import { afterEach, expect, it } from 'vitest';
import { Publisher } from '../../../../src/sources/mqtt/publisher.ts';
import { FakeBroker } from '../../../support/fake-broker.ts';

const brokers: FakeBroker[] = [];

afterEach(async () => {
  for (const broker of brokers.splice(0)) await broker.close();
});

it('a connection that has ended leaves nothing behind at the signal that could have stopped it', async () => {
  const broker = await FakeBroker.listen();
  brokers.push(broker);
  const stop = new AbortController();
  for (let i = 0; i < 3; i++) {
    const options = { url: broker.url, protocol: 'auto', clientId: 'p' } as const;
    const publisher = await Publisher.connect(options, stop.signal);
    await publisher.close();
  }
  expect(getEventListeners(stop.signal, 'abort')).toEqual([]);
});
