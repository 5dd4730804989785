/** A device with a topic for each value, which the broker keeps: what comes together is one reading, what was kept is none. */
import { expect, it } from 'vitest';
import { connectPublisher, startBroker } from '../support/broker-for-tests.ts';
import { startDynatrace, TOKEN } from '../support/dynatrace.ts';
import { GatewayProcess, unbalanced } from '../support/gateway-process.ts';
import { tempDir } from '../support/temp-dir.ts';

/** Two homes, told apart by the topic's second level. */
const TOPICS = [
  'home/one/site/pvPower',
  'home/one/site/homePower',
  'home/one/site/batterySoc',
  'home/two/site/pvPower',
];

it(
  'one reading for each device and burst, none of what the broker kept, also after a reconnect',
  { timeout: 60_000 },
  async () => {
    const dynatrace = await startDynatrace();
    const broker = await startBroker();
    const publisher = await connectPublisher(broker.mosquitto.url);
    const keep = async (offset: number): Promise<void> => {
      for (const [i, topic] of TOPICS.entries())
        await publisher.publish(topic, `${offset + i}`, { qos: 1, retain: true });
    };
    await keep(900);
    const gateway = new GatewayProcess({
      dir: tempDir(),
      yaml: JSON.stringify({
        queue: { linger: '2s' },
        sources: [
          {
            type: 'mqtt',
            name: 'evcc',
            url: `mqtt://127.0.0.1:${broker.port}`,
            topics: ['home/+/#'],
            profile: 'evcc',
            device: '{2}',
          },
        ],
        sinks: [{ type: 'dynatrace', url: dynatrace.url, token: TOKEN, resolution: 'raw', flush: '1s' }],
      }),
    });
    try {
      await gateway.startConnected();
      const counts = async () => (await gateway.status()).intake;
      await expect.poll(counts, { timeout: 20_000 }).toMatchObject({ messages: 4, ignored: 4, readings: 0 });

      await keep(100);
      await expect.poll(async () => (await gateway.status()).sinks[0]?.ledger.delivered, { timeout: 20_000 }).toBe(4);
      expect(await counts()).toMatchObject({ messages: 8, used: 4, ignored: 4, readings: 2, values: 4 });
      const arrivals = dynatrace
        .series()
        .filter(({ key }) => !key.startsWith('gateway.'))
        .map(({ key, dimensions, slots }) => ({
          series: `${dimensions['device']} ${key}`,
          arrivals: slots.flatMap((slot) => slot.arrivals),
        }));
      expect(arrivals.map(({ series, arrivals: [first] }) => `${series} ${first?.value}`).toSorted()).toEqual([
        'one battery.soc gauge,102',
        'one load.power gauge,0.101',
        'one pv.power gauge,0.1',
        'two pv.power gauge,0.103',
      ]);
      const ofOne = arrivals.filter(({ series }) => series.startsWith('one'));
      expect(new Set(ofOne.map(({ arrivals: [first] }) => first?.at)).size).toBe(1);

      await gateway.stop();
      await gateway.startConnected();
      // Whether the broker brings what it keeps again or not: what comes live after it is the next reading.
      await publisher.publish('home/one/site/pvPower', '77', { qos: 1, retain: false });
      await expect.poll(async () => (await counts()).readings, { timeout: 20_000 }).toBe(3);
      expect(await counts()).toMatchObject({ used: 5, values: 5 });
      expect(unbalanced(await gateway.status())).toEqual([]);
    } finally {
      await gateway.stop();
      await dynatrace.stop();
    }
  },
);
