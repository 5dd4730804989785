import { expect, it } from 'vitest';
import { minuteOf, startOf } from '../../src/model/time.ts';
import { AMIS_QUANTITIES } from '../support/amis.ts';
import { reportFault, rounds, within } from '../support/fault-report.ts';
import { expectAtMostOneBatchAgain, expectDrained, KillScene } from '../support/kill-scene.ts';
import type { TestReading } from '../support/queue-readings.ts';
import { seedQueue } from '../support/seed-queue.ts';

const MINUTES = 40;

interface Part {
  readonly route: string;
  readonly kills: number;
  /** At most so many requests are answered before a kill. */
  readonly answers: number;
  /** The youngest minute. */
  readonly minutesAgo: number;
  /** So many readings of each minute, of so many values each, that the kills do not outlast the replay. */
  readonly readings: number;
  readonly values: number;
}

const PARTS: readonly Part[] = [
  { route: 'metrics', kills: rounds(5), answers: 6, minutesAgo: 8, readings: rounds(5) * 12, values: 10 },
  { route: 'late', kills: rounds(2), answers: 1, minutesAgo: 90, readings: rounds(2) * 150, values: 1 },
];

it.for(PARTS)(
  'on the $route route it goes on where it was, sends at most one batch again, and changes no ledger',
  within(120_000),
  async ({ route, kills, answers, ...part }) => {
    const scene = await KillScene.open({ resolution: 'raw', yaml: 'sources: []' });
    const stored = await seedQueue(scene.dataDir, readings(part));
    await scene.start();
    await expectDrained(scene);
    const before = scene.report().sinks[0]?.ledger;
    const sent = scene.deliveries.texts().toSorted();
    expect(scene.deliveries.values).toBe(stored);

    scene.countAnew();
    scene.dynatrace.fault({ kind: 'hang', when: 'before-storing', ms: 10 });
    scene.dynatrace.fault({ kind: 'hang', when: 'after-storing', ms: 10 });
    const command = await scene.gateway.command('replay', '--from', '-20h', '--to', 'now', '--json');
    expect(command.code, command.stderr).toBe(0);
    let done = 0;
    while (scene.kills < kills) {
      if (scene.kills > 0) await scene.start();
      await scene.answered(1 + Math.floor(Math.random() * answers));
      await scene.killWithin(scene.kills % 2 === 0 ? 0 : 50);
      const replay = scene.report().replays[0];
      expect(replay?.done).toBeGreaterThanOrEqual(done);
      done = replay?.done ?? 0;
      // Counted as done only once it was answered.
      expect(done).toBeLessThanOrEqual(scene.deliveries.values);
      // Otherwise the rest of the kills would come after the replay.
      expect(replay?.state).not.toBe('done');
    }
    scene.dynatrace.heal();
    await scene.start();
    await expect
      .poll(() => scene.report().replays[0], { timeout: 60_000, interval: 100 })
      .toMatchObject({
        state: 'done',
        total: stored,
        done: stored,
      });
    await scene.gateway.stop();

    const { deliveries } = scene;
    reportFault(
      scene.row(`kill -9 during a replay on the ${route} route`, {
        acknowledged: stored,
        lost: stored - deliveries.values,
      }),
    );
    expect(deliveries.texts().toSorted()).toEqual(sent);
    expectAtMostOneBatchAgain(deliveries);
    expect(scene.report().sinks[0]?.ledger).toEqual(before);
  },
);

function readings({ minutesAgo, readings, values }: Pick<Part, 'minutesAgo' | 'readings' | 'values'>): TestReading[] {
  const youngest = minuteOf(Date.now()) - minutesAgo;
  const quantities = AMIS_QUANTITIES.slice(0, values).map((quantity, i) => [quantity, i] as const);
  return Array.from({ length: MINUTES * readings }, (_, n) => ({
    at: startOf(youngest - (n % MINUTES)) + 30_000,
    device: `m${Math.floor(n / MINUTES)}`,
    values: Object.fromEntries(quantities),
  }));
}
