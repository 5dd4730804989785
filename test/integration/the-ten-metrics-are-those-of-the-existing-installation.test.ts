/** The conformance vectors of the script that is replaced, from a publisher through Mosquitto to the stand-in's store. */
import { describe, expect, it } from 'vitest';
import { startBroker } from '../support/broker-for-tests.ts';
import { startDynatrace, TOKEN } from '../support/dynatrace.ts';
import { GatewayProcess, unbalanced } from '../support/gateway-process.ts';
import { tempDir } from '../support/temp-dir.ts';

/** Checked by running the original mapping code; the booleans it took for 1 are refused here, which is documented. */
const FULL = {
  '1.8.0': 52_680_160,
  '2.8.0': 22_571_990,
  '3.8.1': 1_429_460,
  '4.8.1': 3_086_146,
  '1.7.0': 501,
  '2.7.0': 507,
  '3.7.0': 0,
  '4.7.0': 256,
  '1.128.0': 0,
  saldo: -6,
  serialnumber: '1234567890123',
};
const EXPECTED: Readonly<Record<string, number>> = {
  'smartmeter.energy.active.import.total': 52_680.16,
  'smartmeter.energy.active.export.total': 22_571.99,
  'smartmeter.energy.reactive.import.total': 1429.46,
  'smartmeter.energy.reactive.export.total': 3086.146,
  'smartmeter.power.active.import': 0.501,
  'smartmeter.power.active.export': 0.507,
  'smartmeter.power.reactive.import': 0,
  'smartmeter.power.reactive.export': 0.256,
  'smartmeter.inkasso': 0,
  'smartmeter.power.active.saldo': -0.006,
};
const MINUTE = 60_000;

describe.each(['raw', '1m'])('with resolution %s', (resolution) => {
  it('every vector arrives with the key, the value and the time it was measured', { timeout: 60_000 }, async () => {
    const dynatrace = await startDynatrace();
    const broker = await startBroker();
    const gateway = new GatewayProcess({
      dir: tempDir(),
      yaml: `
dimensions: { site: home }
sources:
  - { type: mqtt, name: meter, url: "mqtt://127.0.0.1:${broker.port}", topics: [amis/data] }
sinks:
  - { type: dynatrace, name: dynatrace, url: "${dynatrace.url}", token: ${TOKEN}, resolution: ${resolution}, flush: 1s }
`,
    });
    try {
      await gateway.startConnected();
      const first = Math.floor(Date.now() / MINUTE) * MINUTE - 10 * MINUTE;
      // One vector a minute, so that folding changes nothing but the form of the line.
      const vectors: readonly object[] = [FULL, { '1.7.0': 1 }, { '1.128.0': -20 }, { '1.8.0': '12', '1.7.0': true }];
      for (const [i, vector] of vectors.entries()) {
        const time = (first + i * MINUTE) / 1000 + 1;
        await broker.publish('amis/data', JSON.stringify({ ...vector, time }));
      }
      await broker.publish('amis/data', '{}');
      await broker.publish('amis/data', 'online');
      await expect.poll(async () => (await gateway.status()).sinks[0]?.ledger.delivered, { timeout: 40_000 }).toBe(13);

      const points = dynatrace
        .series()
        .filter((series) => series.key.startsWith('smartmeter.'))
        .flatMap((series) => series.slots.map((slot) => ({ ...slot, key: series.key, dimensions: series.dimensions })));
      const minute = (i: number): Record<string, number> =>
        Object.fromEntries(points.filter((p) => p.at === first + i * MINUTE).map((p) => [p.key, p.sum]));
      expect(minute(0)).toEqual(EXPECTED);
      expect(minute(1)).toEqual({ 'smartmeter.power.active.import': 0.001 });
      expect(minute(2)).toEqual({ 'smartmeter.inkasso': -20 });
      expect(minute(3)).toEqual({ 'smartmeter.energy.active.import.total': 0.012 });
      for (const point of points) {
        expect(point.arrivals.map((arrival) => arrival.at)).toEqual([point.at + 1000]);
        expect(point.dimensions).toEqual({ device: 'grid-meter', site: 'home', 'dt.metrics.source': 'energy-gateway' });
      }
      const units = Object.fromEntries(dynatrace.metadata().map((m) => [m.key, m.unit]));
      expect(units['smartmeter.energy.active.import.total']).toBe('kWh');

      const status = await gateway.status();
      expect(status.intake).toMatchObject({
        messages: 6,
        used: 4,
        refused: 1,
        ignored: 1,
        refusedFields: 1,
        readings: 4,
        values: 13,
      });
      expect(status.sources[0]?.lastRefusal?.topic).toBe('amis/data');
      expect(unbalanced(status)).toEqual([]);
    } finally {
      await gateway.stop();
      await dynatrace.stop();
    }
  });
});
