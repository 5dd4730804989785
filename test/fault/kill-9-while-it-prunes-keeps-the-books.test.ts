/** Killed between the many transactions with which time and space remove readings. */
import { expect, it } from 'vitest';
import { HOUR, MINUTE, minuteOf, startOf } from '../../src/model/time.ts';
import type { Ledger } from '../../src/queue/queue.ts';
import { reportFault, rounds, within } from '../support/fault-report.ts';
import { expectAtMostOneBatchAgain, expectDrained, KillScene } from '../support/kill-scene.ts';
import type { TestReading } from '../support/queue-readings.ts';
import { seedQueue } from '../support/seed-queue.ts';

const PER_MINUTE = 10;
/** Large readings of quantities nobody knows reach the smallest budget soonest. */
const VALUES = 100;
const LARGE = Object.fromEntries(Array.from({ length: VALUES }, (_, i) => [`q${i}`, Math.random()]));

it(
  'what is too old expires once, goes late once, and is removed only when it is not pending',
  within(120_000),
  async () => {
    const kills = rounds(5);
    const scene = await KillScene.open({ resolution: 'raw', yaml: 'queue: { ttl: 24h, retention: 24h }\nsources: []' });
    const now = Date.now();
    const expired = await seedQueue(scene.dataDir, stretch(now - 24.5 * HOUR, kills * 120));
    const late = await seedQueue(scene.dataDir, stretch(now - 3 * HOUR, 60));
    const fresh = await seedQueue(scene.dataDir, stretch(now - 8 * MINUTE, 30));
    while (scene.kills < kills) {
      const before = scene.report();
      await scene.start();
      await expect
        .poll(() => scene.report().storedReadings, { timeout: 30_000, interval: 1 })
        .toBeLessThan(before.storedReadings);
      await scene.killWithin(30);
      // Otherwise the other kills would come when all is pruned.
      expect(scene.report().storedReadings).toBeGreaterThan(late + fresh);
    }
    await scene.start();
    await expectDrained(scene);
    await expect.poll(() => scene.report().storedReadings, { timeout: 60_000, interval: 100 }).toBe(late + fresh);
    await scene.gateway.stop();

    const acknowledged = expired + late + fresh;
    reportFault(
      scene.row('kill -9 during expiry and retention', { acknowledged, lost: late + fresh - scene.deliveries.values }),
    );
    expect(ledgerOf(scene)).toMatchObject({ accepted: acknowledged, delivered: fresh, late, expired });
    expect(scene.deliveries.contradictions).toEqual([]);
    expectAtMostOneBatchAgain(scene.deliveries);
  },
);

it('what goes because of the budget is counted as evicted', within(120_000), async () => {
  const kills = rounds(4);
  const scene = await KillScene.open({ resolution: 'raw', yaml: 'queue: { budget: 16MiB }\nsources: []' });
  // It confirms the clock and takes nothing.
  scene.dynatrace.fault({ kind: 'status', status: 503 });
  // Twice the budget and more, so that it is not down to it before the last kill.
  const copies = 5 * Math.ceil(kills / 20);
  const acknowledged = await seedQueue(
    scene.dataDir,
    stretch(Date.now() - 2 * HOUR, 600).flatMap((reading) =>
      Array.from({ length: copies }, () => ({ ...reading, values: LARGE })),
    ),
  );
  while (scene.kills < kills) {
    const before = ledgerOf(scene).evicted;
    await scene.start();
    await expect.poll(() => ledgerOf(scene).evicted, { timeout: 30_000, interval: 1 }).toBeGreaterThan(before);
    await scene.killWithin(30);
  }
  const { storedReadings } = scene.report();
  const { pending, evicted } = ledgerOf(scene);
  expect(pending + evicted).toBe(acknowledged);
  reportFault(scene.row('kill -9 during eviction', { acknowledged, lost: pending - storedReadings * VALUES }));
});

function ledgerOf(scene: KillScene): Ledger {
  const [sink] = scene.report().sinks;
  if (sink === undefined) throw new Error('there is no sink');
  return sink.ledger;
}

/** So many minutes back from an instant. */
function stretch(from: number, minutes: number): TestReading[] {
  return Array.from({ length: minutes * PER_MINUTE }, (_, n) => ({
    at: startOf(minuteOf(from) - Math.floor(n / PER_MINUTE)) + 1000 * (n % PER_MINUTE),
  }));
}
