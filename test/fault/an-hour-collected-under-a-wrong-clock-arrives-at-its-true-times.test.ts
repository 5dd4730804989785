/**
 * Offline for an hour under a clock that is wrong, is stepped, and runs on through restarts of the gateway in the same boot. When
 * the sink answers at last, every acknowledged reading reaches it at the time it was measured, to the millisecond of the
 * monotonic clock; only a clock within two minutes of the sink's is taken as it is.
 */
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { DAY, HOUR, MINUTE, SECOND, type DurationMs } from '../../src/model/time.ts';
import { ClockStage, Toll, TRUE_START } from '../support/clock-stage.ts';
import { reportFault, rounds, within } from '../support/fault-report.ts';

const AGREEMENT = 2 * MINUTE;
const IN_1970 = HOUR - TRUE_START;

const ERROR = fc.oneof(
  fc.constantFrom(0, -14 * DAY, 14 * DAY, -HOUR, HOUR, IN_1970, 119 * SECOND, -119 * SECOND, 121 * SECOND),
  fc.integer({ min: -400 * DAY, max: 400 * DAY }),
);
const EVENT = fc.record({
  passMs: fc.integer({ min: 0, max: 9 * MINUTE }),
  readings: fc.integer({ min: 0, max: 4 }),
  after: fc.oneof(
    fc.constant<'nothing' | 'kill'>('nothing'),
    fc.constant<'nothing' | 'kill'>('kill'),
    ERROR.map((error) => ({ error })),
  ),
});
type Event = typeof EVENT extends fc.Arbitrary<infer T> ? T : never;

const WITHOUT_INCIDENT: Event[] = Array.from({ length: 60 }, () => ({ passMs: MINUTE, readings: 1, after: 'nothing' }));

it.each([
  ['in 1970', IN_1970],
  ['an hour back', -HOUR],
  ['two weeks ahead', 14 * DAY],
])('after an hour offline with a clock %s each reading keeps its true distance to the others', async (_, error) => {
  const { stage, late } = await collectOffline(error, WITHOUT_INCIDENT);
  expect(stage.clock.state).toBe('corrected');
  expect(stage.clock.offsetMs).toBe(-error);
  expect(late).toBeGreaterThan(0);
  expect(errorsOf(stage)).toEqual(new Map([[0, 60]]));
});

it('a step of the clock while two runs of the gateway collect is corrected in the readings of both', async () => {
  const run: Event[] = [
    { passMs: MINUTE, readings: 2, after: 'kill' },
    { passMs: MINUTE, readings: 2, after: { error: 14 * DAY } },
    { passMs: MINUTE, readings: 2, after: { error: -HOUR } },
    { passMs: MINUTE, readings: 2, after: 'kill' },
  ];
  const { stage } = await collectOffline(IN_1970, [...run, ...run]);
  expect(errorsOf(stage)).toEqual(new Map([[0, 16]]));
});

it('whatever happens to the clock while it is offline, times are right in the end', within(60_000), async () => {
  const toll = new Toll();
  const runs = rounds(12);
  await fc.assert(
    fc.asyncProperty(ERROR, fc.array(EVENT, { maxLength: 12 }), async (error, events) => {
      const { stage, wallError } = await collectOffline(error, events);
      const expected = Math.abs(wallError) <= AGREEMENT ? wallError : 0;
      expect([...errorsOf(stage).keys()].filter((found) => found !== expected)).toEqual([]);
      toll.add(await stage.toll());
      await stage.kill();
    }),
    { numRuns: runs, endOnFailure: true },
  );
  reportFault({ fault: 'clock wrong while offline', rounds: runs, ...toll.sums });
});

/** A boot with a wrong clock, these events without a network, then the network; all is delivered when it returns. */
async function collectOffline(
  error: DurationMs,
  events: readonly Event[],
): Promise<{ stage: ClockStage; wallError: DurationMs; late: number }> {
  const stage = new ClockStage();
  stage.boot(error);
  await stage.start();
  for (const { passMs, readings, after } of events) {
    for (let i = 0; i < readings; i++) {
      stage.measure();
      // Longer than the linger: acknowledged.
      await stage.pass(1_100);
    }
    await stage.pass(passMs);
    if (after === 'kill') {
      await stage.kill();
      await stage.start();
    } else if (after !== 'nothing') stage.setWallError(after.error);
  }
  // Nothing may be sent as a reading, or given up, before the clock is confirmed.
  expect(stage.sent()).toEqual([]);
  expect(await stage.ledger()).toMatchObject({ pending: stage.acknowledged.size, expired: 0 });
  const { wallError } = stage;
  stage.online();
  await stage.pass(3 * MINUTE);
  const ledger = await stage.ledger();
  expect(ledger).toMatchObject({ accepted: stage.acknowledged.size, pending: 0, expired: 0, evicted: 0 });
  expect(ledger.delivered + ledger.late).toBe(stage.acknowledged.size);
  expect(stage.errors).toEqual([]);
  return { stage, wallError, late: ledger.late };
}

/** How far the times at the sink are from the true ones: error → readings. Each acknowledged reading came, and once. */
function errorsOf(stage: ClockStage): Map<DurationMs, number> {
  const sent = stage.delivered();
  expect(sent.map(({ name }) => name).toSorted()).toEqual([...stage.acknowledged.keys()].toSorted());
  const errors = new Map<DurationMs, number>();
  for (const { name, at } of sent) {
    const error = Math.round(at - (stage.acknowledged.get(name) ?? Number.NaN));
    errors.set(error, (errors.get(error) ?? 0) + 1);
  }
  return errors;
}
