/**
 * SIGKILL twenty times while 20,000 QoS 1 messages come in through Mosquitto. The broker gives again what the gateway did not
 * acknowledge, so whatever is missing at the sink in the end was acknowledged and lost.
 */
import { expect, it } from 'vitest';
import { startBroker } from '../support/broker-for-tests.ts';
import { seriesOf, startDynatrace, TOKEN } from '../support/dynatrace.ts';
import { GatewayProcess, unbalanced } from '../support/gateway-process.ts';
import { tempDir } from '../support/temp-dir.ts';

const MESSAGES = 20_000;
const KILLS = 20;
/** In flight at a time. */
const GROUP = 100;
const SPAN_MS = 40 * 60_000;

it(
  'kill -9 twenty times during 20,000 QoS 1 messages: every one of them reaches the sink',
  { timeout: 240_000 },
  async () => {
    const dynatrace = await startDynatrace({ keepBodies: false });
    const broker = await startBroker({
      config: ['allow_anonymous true', 'max_queued_messages 0'],
    });
    const gateway = new GatewayProcess({
      dir: tempDir(),
      yaml: `
sources:
  - { type: mqtt, name: meter, url: "mqtt://127.0.0.1:${broker.port}", topics: [amis/data], clientId: kill-test }
sinks:
  - { type: dynatrace, name: dynatrace, url: "${dynatrace.url}", token: ${TOKEN}, resolution: raw, flush: 1s }
`,
    });
    try {
      await gateway.startConnected();
      const first = Date.now() - SPAN_MS - 5 * 60_000;
      let published = 0;
      const publishing = (async () => {
        for (let n = 0; n < MESSAGES; n += GROUP) {
          const group = Array.from({ length: GROUP }, (_, i) => {
            const at = Math.floor((first + ((n + i) / MESSAGES) * SPAN_MS) / 1000);
            return broker.publish('amis/data', `{"1.7.0":${n + i},"time":${at},"serialnumber":"1"}`);
          });
          await Promise.all(group);
          published += GROUP;
        }
      })();
      for (let kill = 1; kill <= KILLS; kill++) {
        // Spread over the whole stream: each kill waits for its share of the messages, so none comes when all is over.
        await expect
          .poll(() => published, { timeout: 60_000, interval: 5 })
          .toBeGreaterThanOrEqual((kill * MESSAGES) / (KILLS + 1) - GROUP);
        await gateway.kill();
        await gateway.start();
      }
      await publishing;
      await expect
        .poll(async () => (await gateway.status()).intake.readings, { timeout: 60_000, interval: 500 })
        .toBe(MESSAGES);
      await expect
        .poll(async () => (await gateway.status()).queue.pendingValues, { timeout: 60_000, interval: 500 })
        .toBe(0);
      const [series] = seriesOf(dynatrace, 'smartmeter.power.active.import');
      const arrived = new Set(
        series?.slots.flatMap((slot) =>
          slot.arrivals.map((a) => Math.round(Number(a.value.replace('gauge,', '')) * 1000)),
        ),
      );
      const missing = Array.from({ length: MESSAGES }, (_, n) => n).filter((n) => !arrived.has(n));
      expect(missing).toEqual([]);
      const status = await gateway.status();
      expect(status.sinks[0]?.ledger).toMatchObject({ accepted: MESSAGES, delivered: MESSAGES });
      expect(unbalanced(status)).toEqual([]);
    } finally {
      await gateway.stop();
      await dynatrace.stop();
    }
  },
);
