/**
 * SIGKILL while QoS 1 messages come in through Mosquitto, a thousand for each. The broker gives again what the gateway did not
 * acknowledge, so whatever is missing at the sink in the end was acknowledged and lost.
 */
import { expect, it, vi } from 'vitest';
import { MINUTE, SECOND } from '../../src/model/time.ts';
import { startBroker } from '../support/broker-for-tests.ts';
import { reportFault, rounds, within } from '../support/fault-report.ts';
import { expectAtMostOneBatchAgain, expectDrained, KillScene } from '../support/kill-scene.ts';
import { decode } from '../support/line-protocol.ts';

const KILLS = rounds(20);
const MESSAGES = KILLS * 1_000;
/** In flight at a time. */
const GROUP = 100;
/** One message a second from each: the more messages, the more meters, so that all stay within the hour of the metrics. */
const METERS = KILLS / 2;
/** Roughly how long a start takes, so that some kills come before it collects and some after. */
const START_MS = 400;

it(
  'kill -9 after kill -9 during 20,000 QoS 1 messages, also while it starts: every one of them reaches the sink',
  within(120_000),
  async () => {
    const broker = await startBroker({ config: ['allow_anonymous true', 'max_queued_messages 0'] });
    const scene = await KillScene.open({
      resolution: 'raw',
      yaml: `
sources:
  - { type: mqtt, name: meter, url: "mqtt://127.0.0.1:${broker.port}", topics: [amis/+], device: "{2}", clientId: kill-test }`,
    });
    await scene.gateway.startConnected();
    const first = Math.floor((Date.now() - 50 * MINUTE) / SECOND);
    let published = 0;
    const publish = (n: number): Promise<void> => {
      const time = first + Math.floor(n / METERS);
      return broker.publish(`amis/m${n % METERS}`, `{"1.7.0":${n},"time":${time},"serialnumber":"1"}`);
    };
    const publishing = (async () => {
      for (let n = 0; n < MESSAGES; n += GROUP) {
        await Promise.all(Array.from({ length: GROUP }, (_, i) => publish(n + i)));
        published += GROUP;
      }
    })();
    while (scene.kills < KILLS) {
      // Each kill waits for its share of the messages, so that none comes when all is over.
      const share = ((scene.kills + 1) * MESSAGES) / (KILLS + 1) - GROUP;
      await expect.poll(() => published, { timeout: 60_000, interval: 5 }).toBeGreaterThanOrEqual(share);
      await scene.killWithin(50);
      if (scene.kills < KILLS && scene.kills % 2 === 1) await scene.startAndKillWithin(START_MS);
      await scene.start();
    }
    await publishing;
    // What was lost never comes; the row says how much that is.
    await vi
      .waitUntil(() => scene.report().intake.readings === MESSAGES, { timeout: 30_000, interval: 100 })
      .catch(() => undefined);
    await expectDrained(scene);
    await scene.gateway.stop();

    const arrived = new Set(scene.deliveries.texts().map(numberOf));
    const missing = Array.from({ length: MESSAGES }, (_, n) => n).filter((n) => !arrived.has(n));
    reportFault(
      scene.row('kill -9 during QoS 1 messages through Mosquitto', { acknowledged: MESSAGES, lost: missing.length }),
    );
    expect(scene.deliveries.contradictions).toEqual([]);
    expectAtMostOneBatchAgain(scene.deliveries);
    expect(scene.report().sinks[0]?.ledger).toMatchObject({ accepted: MESSAGES, delivered: MESSAGES });
  },
);

/** Watts, which the metric has in kW. */
function numberOf(line: string): number {
  return Math.round(decode(line).max * 1000);
}
