import { describe, expect, it } from 'vitest';
import { amisPayload } from '../support/amis.ts';
import { startBroker } from '../support/broker-for-tests.ts';
import { startDynatrace, type StandIn, TOKEN } from '../support/dynatrace.ts';
import { GatewayProcess, unbalanced } from '../support/gateway-process.ts';
import { tempDir } from '../support/temp-dir.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** Readings per stretch; ten values each. */
const EACH = 24;

describe('replay of a range that is part fresh, part late and part too old', () => {
  it(
    'counts each part, and leaves every minute at the sink with the same minimum, maximum and average',
    { timeout: 120_000 },
    async () => {
      const dynatrace = await startDynatrace();
      const broker = await startBroker();
      const gateway = new GatewayProcess({
        dir: tempDir(),
        yaml: `
queue: { ttl: 24h }
sources:
  - { type: mqtt, name: meter, url: "mqtt://127.0.0.1:${broker.port}", topics: [amis/data] }
sinks:
  - { type: dynatrace, name: dynatrace, url: "${dynatrace.url}", token: ${TOKEN}, flush: 1s }
`,
      });
      try {
        await gateway.startConnected();
        const now = Math.floor(Date.now() / MINUTE) * MINUTE;
        // Two minutes each: fresh, beyond the metric window, beyond the late route's.
        for (const start of [now - 20 * MINUTE, now - 3 * HOUR, now - 23.6 * HOUR]) {
          for (let n = 0; n < EACH; n++) await broker.publish('amis/data', amisPayload(n, start + n * 5_000));
        }
        await expect.poll(async () => (await gateway.status()).intake.used, { timeout: 20_000 }).toBe(3 * EACH);
        await expect
          .poll(async () => (await gateway.status()).queue.pendingValues, { timeout: 40_000, interval: 500 })
          .toBe(0);
        const before = await gateway.status();
        expect(before.sinks[0]?.ledger).toMatchObject({ accepted: 720, delivered: 240, late: 240, expired: 240 });
        expect(dynatrace.events().length).toBe(EACH);

        const range = ['--from', new Date(now - 24 * HOUR).toISOString(), '--to', new Date(now).toISOString()];
        const plan = JSON.parse((await gateway.command('replay', ...range, '--dry-run', '--json')).stdout) as Plan;
        expect(plan.plan[0]).toMatchObject({ total: 720, asMetrics: 240, late: 240, tooOld: 240, skippedPending: 0 });
        expect((await gateway.status()).replays).toEqual([]);

        const points = pointsOf(dynatrace);
        for (const replay of [1, 2]) {
          const started = await gateway.command('replay', ...range, '--json');
          expect(started.code, started.stderr).toBe(0);
          await expect
            .poll(async () => (await gateway.status()).replays.find((r) => r.id === replay), {
              timeout: 30_000,
              interval: 500,
            })
            .toMatchObject({
              state: 'done',
              total: 720,
              asMetrics: 240,
              late: 240,
              tooOld: 240,
            });
          expect(pointsOf(dynatrace)).toEqual(points);
        }
        expect(new Set(dynatrace.events().map((event) => JSON.stringify(event))).size).toBeGreaterThan(0);
        const after = await gateway.status();
        expect(after.sinks[0]?.ledger).toEqual(before.sinks[0]?.ledger);
        expect(unbalanced(after)).toEqual([]);
      } finally {
        await gateway.stop();
        await dynatrace.stop();
      }
    },
  );
});

interface Plan {
  readonly plan: readonly object[];
}

/** Every stored point of the meter: which series and minute, and what a chart would show of it. */
function pointsOf(dynatrace: StandIn): string[] {
  return dynatrace
    .series()
    .filter((series) => series.key.startsWith('smartmeter.'))
    .flatMap(({ key, slots }) => slots.map((s) => `${key} ${s.at} ${s.min} ${s.max} ${(s.sum / s.count).toFixed(9)}`))
    .sort();
}
