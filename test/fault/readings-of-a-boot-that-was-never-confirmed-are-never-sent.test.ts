/**
 * A house with power cuts. Whatever was collected since the clock was last confirmed belongs to no known time once the power is
 * gone: it must never reach the sink, and the ledger must say that it expired. What was confirmed is sent at its true time,
 * unless the power was off for longer than any route takes it.
 */
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { DAY, HOUR, MINUTE, SECOND, type DurationMs } from '../../src/model/time.ts';
import type { Ledger } from '../../src/queue/queue.ts';
import { ClockStage, Toll, TRUE_START } from '../support/clock-stage.ts';
import { reportFault, rounds, within } from '../support/fault-report.ts';

/** True, or too far off to be taken for right. */
const ERROR = fc.constantFrom(0, 0, -HOUR, HOUR, -14 * DAY, 14 * DAY, HOUR - TRUE_START);
const OFF: readonly DurationMs[] = [0, MINUTE, 30 * DAY];
const EVENTS = ['measure', 'measure', 'online', 'offline', 'restart'] as const;
const BOOT = fc.record({
  error: ERROR,
  offForMs: fc.constantFrom(...OFF),
  events: fc.array(fc.constantFrom(...EVENTS), { maxLength: 8 }),
});
type Boot = typeof BOOT extends fc.Arbitrary<infer T> ? T : never;

it('a month without power: what was pending expires, what nobody could date is history only', async () => {
  const { stage, ledger } = await live([
    { error: HOUR - TRUE_START, offForMs: 0, events: ['measure', 'measure'] },
    { error: -HOUR, offForMs: MINUTE, events: ['online', 'offline', 'measure', 'measure', 'measure'] },
    { error: -HOUR, offForMs: 30 * DAY, events: ['measure', 'online'] },
  ]);
  expect(ledger).toMatchObject({ accepted: 6, delivered: 1, expired: 5, pending: 0 });
  await stage.kill();
});

it('a minute without power: what was confirmed is delivered when the clock is known again', async () => {
  const { stage, ledger } = await live([
    { error: 14 * DAY, offForMs: 0, events: ['online', 'offline', 'measure', 'measure', 'restart', 'measure'] },
    { error: -14 * DAY, offForMs: MINUTE, events: ['measure', 'online'] },
  ]);
  // The third was measured after the restart, whose clock nobody confirmed.
  expect(stage.delivered().map(({ name }) => name)).toEqual(expect.arrayContaining(['r0', 'r1', 'r3']));
  expect(ledger).toMatchObject({ accepted: 4, delivered: 3, expired: 1, pending: 0 });
  await stage.kill();
});

it('in any order of boots, restarts, outages and power cuts', within(60_000), async () => {
  const toll = new Toll();
  const runs = rounds(15);
  await fc.assert(
    fc.asyncProperty(fc.array(BOOT, { minLength: 1, maxLength: 5 }), async (boots) => {
      const { stage } = await live(boots);
      expect(stage.errors).toEqual([]);
      toll.add(await stage.toll());
      await stage.kill();
    }),
    { numRuns: runs, endOnFailure: true },
  );
  reportFault({ fault: 'boots without a known time', rounds: runs, ...toll.sums });
});

/** Provisional: its time depends on a clock not confirmed yet. Stale: of known time, owed, and too old for every route. */
type Fate = 'provisional' | 'pending' | 'stale' | 'sent' | 'expired';

/** Longer than every wait on the way to the sink. */
const A_WHILE = 40 * SECOND;

/** Lives through the boots, and holds the gateway against what must have become of each reading after every one of them. */
async function live(boots: readonly Boot[]): Promise<{ stage: ClockStage; ledger: Ledger }> {
  const stage = new ClockStage();
  const fates = new Map<string, Fate>();
  const move = (from: Fate, to: Fate): void => {
    for (const [name, fate] of fates) if (fate === from) fates.set(name, to);
  };
  for (const { error, offForMs, events } of boots) {
    await stage.kill();
    stage.boot(error, offForMs);
    stage.offline();
    await stage.start();
    move('provisional', 'expired');
    if (offForMs > DAY) move('pending', 'stale');
    let [online, confirmed] = [false, false];
    for (const event of events) {
      if (event === 'measure') fates.set(stage.measure(), confirmed ? 'pending' : 'provisional');
      else if (event === 'restart') {
        await stage.kill();
        await stage.start();
        confirmed = false;
      } else if (event === 'online') stage.online();
      else stage.offline();
      if (event === 'online' || event === 'offline') online = event === 'online';
      await stage.pass(A_WHILE);
      if (!online) continue;
      confirmed = true;
      move('stale', 'expired');
      move('provisional', 'sent');
      move('pending', 'sent');
    }
    await hold(stage, fates);
  }
  return { stage, ledger: await hold(stage, fates) };
}

async function hold(stage: ClockStage, fates: ReadonlyMap<string, Fate>): Promise<Ledger> {
  const named = (...wanted: Fate[]): string[] =>
    [...fates].filter(([, fate]) => wanted.includes(fate)).map(([name]) => name);
  const delivered = stage.delivered();
  expect([...new Set(delivered.map(({ name }) => name))].toSorted()).toEqual(named('sent').toSorted());
  const wrong = delivered.filter(({ name, at }) => Math.round(at - (stage.acknowledged.get(name) ?? 0)) !== 0);
  expect(wrong).toEqual([]);
  const ledger = await stage.ledger();
  expect(ledger).toMatchObject({
    accepted: fates.size,
    expired: named('expired').length,
    pending: named('pending', 'provisional', 'stale').length,
  });
  expect(stage.errors).toEqual([]);
  return ledger;
}
