/**
 * The gateway is away; the broker keeps what the meter tells in its session. Without a time of its own such a message was measured
 * at no known time: it is stored, expires as `time unknown`, and never reaches the sink with the time at which it was received.
 */
import { expect, it } from 'vitest';
import { seriesOf, startDynatrace, TOKEN } from '../support/dynatrace.ts';
import { startBroker } from '../support/broker-for-tests.ts';
import { GatewayProcess, unbalanced } from '../support/gateway-process.ts';
import { reportFault } from '../support/fault-report.ts';
import { tempDir } from '../support/temp-dir.ts';

const SOON = { timeout: 45_000, interval: 250 };

it(
  'of a session backlog only what tells its own time is sent, at that time; the rest is stored and expired',
  { timeout: 120_000 },
  async () => {
    const dynatrace = await startDynatrace();
    const broker = await startBroker();
    const gateway = new GatewayProcess({
      dir: tempDir(),
      yaml: `
queue: { linger: 200ms }
sources:
  - { type: mqtt, name: meter, url: "mqtt://127.0.0.1:${broker.port}", topics: [amis/data] }
sinks:
  - { type: dynatrace, name: dynatrace, url: "${dynatrace.url}", token: ${TOKEN}, resolution: raw, flush: 1s }
`,
    });
    try {
      await gateway.startConnected();
      await gateway.kill();
      const toldAt = Math.floor(Date.now() / 1000) - 600;
      await broker.publish('amis/data', '{"1.7.0":1}');
      await broker.publish('amis/data', '{"1.7.0":2}');
      await broker.publish('amis/data', `{"1.7.0":3,"time":${toldAt}}`);
      await gateway.startConnected();
      await expect.poll(async () => (await gateway.status()).intake.readings, SOON).toBe(3);
      await broker.publish('amis/data', '{"1.7.0":4}');
      await expect
        .poll(async () => (await gateway.status()).sinks[0]?.ledger, SOON)
        .toMatchObject({ accepted: 4, delivered: 2, expired: 2, pending: 0 });
      const status = await gateway.status();
      expect(status.queue.storedReadings).toBe(4);
      expect(unbalanced(status)).toEqual([]);
      const arrivals = seriesOf(dynatrace, 'smartmeter.power.active.import')
        .flatMap(({ slots }) => slots)
        .flatMap((slot) => slot.arrivals);
      expect(arrivals.map(({ value }) => value).toSorted()).toEqual(['gauge,0.003', 'gauge,0.004']);
      expect(arrivals.find(({ value }) => value === 'gauge,0.003')?.at).toBe(toldAt * 1000);
      reportFault({
        fault: 'session backlog, no times',
        rounds: 1,
        acknowledged: 4,
        lost: 0,
        duplicates: 0,
        unaccounted: 0,
      });
    } finally {
      await gateway.stop();
      await dynatrace.stop();
    }
  },
);
