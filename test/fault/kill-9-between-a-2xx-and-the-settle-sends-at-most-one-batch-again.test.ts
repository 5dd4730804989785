/**
 * The stand-in tells when it has answered with 2xx, and the gateway is killed within 50 ms of it: before it read the answer, before
 * it settled, before the settle was committed, or during the next request.
 */
import { expect, it } from 'vitest';
import { MINUTE, minuteOf, startOf, type Minute } from '../../src/model/time.ts';
import { AMIS_QUANTITIES } from '../support/amis.ts';
import { connectPublisher } from '../support/broker-for-tests.ts';
import { reportFault, rounds, within } from '../support/fault-report.ts';
import { freePort } from '../support/free-port.ts';
import { expectAtMostOneBatchAgain, expectDrained, KillScene } from '../support/kill-scene.ts';
import type { TestReading } from '../support/queue-readings.ts';
import { seedQueue } from '../support/seed-queue.ts';

const ROUNDS = rounds(5);
const MOST_ANSWERS = 6;
const METERS = 70;
/** More than a life can settle: with less owed, more is stored. */
const ENOUGH_VALUES = 30_000;

it.for(['raw', '1m'] as const)(
  'resolution %s: what was answered and not yet settled is sent again, the same lines, at most one batch per route and lane',
  within(120_000),
  async (resolution) => {
    const port = await freePort();
    const scene = await KillScene.open({
      resolution,
      yaml: `
queue: { linger: 50ms }
sources:
  - { type: mqtt, name: meter, url: "embedded://127.0.0.1:${port}", topics: [amis/+], device: "{2}" }`,
    });
    scene.dynatrace.fault({ kind: 'hang', when: 'before-storing', ms: 10 });
    scene.dynatrace.fault({ kind: 'hang', when: 'after-storing', ms: 10 });
    let acknowledged = await seedQueue(scene.dataDir, backlog(resolution, 'm'));
    while (scene.kills < ROUNDS) {
      if (scene.report().pendingValues < ENOUGH_VALUES)
        acknowledged += await seedQueue(scene.dataDir, backlog(resolution, `m${scene.kills}-`));
      await scene.start();
      // A meter of its own for each life: its closed minutes go by the live lane, and their lines are the same ever after.
      const publisher = await connectPublisher(`mqtt://127.0.0.1:${port}`);
      const now = Date.now();
      const live = [-3, -2, -1].map((minutes) => Math.floor((now + minutes * MINUTE) / 1000));
      const payloads = live.map((time) => `{"1.7.0":1,"time":${time},"serialnumber":"1"}`);
      await Promise.all(
        payloads.map((text) => publisher.publish(`amis/live-${scene.kills}`, text, { qos: 1, retain: false })),
      );
      acknowledged += live.length;
      await scene.answered(1 + Math.floor(Math.random() * MOST_ANSWERS));
      // At once, or when the settle may have been committed and the next request be on its way.
      await scene.killWithin(scene.kills % 2 === 0 ? 0 : 50);
      await publisher.close();
    }
    scene.dynatrace.heal();
    await scene.start();
    await expectDrained(scene);
    await scene.gateway.stop();

    const { deliveries } = scene;
    reportFault(
      scene.row(`kill -9 between a 2xx and the settle, resolution ${resolution}`, {
        acknowledged,
        lost: acknowledged - deliveries.values,
      }),
    );
    expect(deliveries.contradictions).toEqual([]);
    expectAtMostOneBatchAgain(deliveries);
    // Otherwise no kill came between an answer and its settle.
    expect(deliveries.duplicates).toBeGreaterThan(0);
    const { delivered = 0, late = 0, ...rest } = scene.report().sinks[0]?.ledger ?? {};
    expect(rest).toMatchObject({ accepted: acknowledged, pending: 0, expired: 0, evicted: 0, deadLettered: 0 });
    expect(delivered + late).toBe(acknowledged);
  },
);

/** Forty minutes for the metrics, and for the late route as many readings as nearly fill a batch. */
function backlog(resolution: 'raw' | '1m', names: string): TestReading[] {
  const now = minuteOf(Date.now());
  const seconds = resolution === 'raw' ? [30] : [15, 45];
  const meters = Array.from({ length: METERS }, (_, meter) => `${names}${meter}`);
  const fresh = Array.from({ length: 40 }, (_, i) => now - 8 - i);
  const old = Array.from({ length: 20 }, (_, i) => now - 90 - i);
  return [
    ...fresh.flatMap((minute) => seconds.flatMap((second) => meters.map((meter) => reading(minute, second, meter)))),
    ...old.flatMap((minute) => meters.map((meter) => reading(minute, 30, meter))),
  ];
}

function reading(minute: Minute, second: number, device: string): TestReading {
  const values = Object.fromEntries(AMIS_QUANTITIES.map((quantity, i) => [quantity, second + i]));
  return { at: startOf(minute) + second * 1000, device, values };
}
