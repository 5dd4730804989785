/** A machine that never learns the time must not fill its card; and its newest readings may be those that look oldest. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { reportFault, rounds, within } from '../support/fault-report.ts';
import { at, T0, TestQueue } from '../support/queue-fixture.ts';
import type { TestReading } from '../support/queue-readings.ts';

const MIB = 1024 ** 2;
/** Since the beginning of time as the machine sees it. */
const WRONG = -500_000;
/** About 800 bytes a reading. */
const WIDE = Object.fromEntries(Array.from({ length: 90 }, (_, i) => [`q.${i}`, i + 1 / 3]));

it('the budget is kept while the sink is down and nobody knows the time', within(60_000), async () => {
  const test = await TestQueue.open({ budgetBytes: MIB, unconfirmed: true });
  const groups = rounds(40);
  let largest = 0;
  for (let minute = 0; minute < groups; minute++) {
    await test.append(...wide(WRONG + minute, 200));
    await test.queue.keepBounds(at(WRONG + minute));
    largest = Math.max(largest, (await test.report(at(WRONG + minute))).sizeBytes);
  }
  const { accepted, pending, evicted } = await test.ledger();
  expect(evicted).toBeGreaterThan(0);
  expect(largest).toBeLessThan(16 * MIB);
  expect(existsSync(join(test.dataDir, 'ballast'))).toBe(true);
  const lost = accepted - pending - evicted;
  reportFault({
    fault: 'budget reached, clock unknown',
    rounds: groups,
    acknowledged: accepted,
    lost,
    duplicates: 0,
    unaccounted: 0,
  });
});

it(
  'what an earlier boot has left makes room before the readings of this one, however old those look',
  within(60_000),
  async () => {
    const before = await TestQueue.open({ bootId: 'boot-1' });
    await before.append(...wide(0, 600));
    await before.close();
    const test = await TestQueue.open({
      dataDir: before.dataDir,
      bootId: 'boot-2',
      budgetBytes: MIB,
      unconfirmed: true,
    });
    await test.append(...wide(WRONG, 1_000));
    await test.queue.keepBounds(at(WRONG));
    const { evicted } = await test.ledger();
    expect(evicted).toBeGreaterThan(0);
    expect(evicted).toBeLessThanOrEqual(600 * 90);
    await test.queue.confirmBoot({ wallMs: T0, monoMs: 0, trustTime: {} });
    const report = await test.report();
    expect(report.storedReadings - 1_000).toBe(600 - evicted / 90);
    const claim = await test.claim({ oldest: WRONG * 2, maxItems: 1_000_000 });
    expect(Math.min(...(claim?.readings.at ?? []))).toBe(T0);
  },
);

it('without a clock nothing expires and no history goes', within(30_000), async () => {
  const test = await TestQueue.open({ unconfirmed: true });
  await test.append({ at: at(WRONG) });
  expect(await test.queue.keepBounds(at(0))).toEqual({ pruned: 0, evicted: 0 });
  expect(await test.ledger()).toMatchObject({ pending: 1, expired: 0 });
});

function wide(minute: number, count: number): TestReading[] {
  return Array.from({ length: count }, (_, i) => ({ at: at(minute, i / 100), values: WIDE }));
}
