import * as fc from 'fast-check';
import { expect } from 'vitest';
import { DAY, HOUR, MINUTE, minuteOf, SECOND, type DurationMs } from '../../../src/model/time.ts';
import type { TestReading } from '../../support/queue-readings.ts';
import type { QueueModel } from '../queue.model.ts';
import type { ModelReading } from '../reading.model.ts';
import type { RealQueue } from '../real-queue.ts';
import { appendTo, drawn } from './append.ts';
import { claimNext, placeOf, request } from './claim.ts';
import { followEviction } from './evict.ts';
import { lastOf } from './last-of.ts';
import { restart } from './restart.ts';
import { endOne, outcome } from './settle.ts';
import { labelled, step, type Step } from './step.ts';

export const passing = fc.oneof(
  { weight: 14, arbitrary: fc.integer({ min: SECOND, max: 5 * MINUTE }) },
  { weight: 6, arbitrary: fc.integer({ min: 20 * MINUTE, max: 2 * HOUR }) },
  { weight: 1, arbitrary: fc.integer({ min: 20 * HOUR, max: 2 * DAY }) },
);

/** Time goes on, and nobody tells the queue. */
export const pass = passing.map((ms): Step => step(labelled('pass', { ms }), (model) => passTime(model, ms)));

/** The machine's wall clock is stepped under a boot that is not confirmed. */
export const stepClock = fc
  .oneof(fc.integer({ min: -2 * MINUTE, max: 2 * MINUTE }), fc.integer({ min: -14 * DAY, max: 14 * DAY }))
  .map((ms): Step =>
    step(
      labelled('stepClock', { ms }),
      (model) => {
        model.clockError += ms;
      },
      ({ stretch }) => !stretch.confirmed,
    ),
  );

/** The queue is told the time; readings that come meanwhile do no harm. */
export const advance = fc
  .record({ ms: fc.oneof(fc.constant(0), passing), meanwhile: fc.nat(3) })
  .map(({ ms, meanwhile }): Step =>
    step(labelled('advance', { ms, meanwhile }), (model, real) => {
      passTime(model, ms);
      advanceNow(model, real, freshReadings(meanwhile, model));
    }),
  );

/** A request takes so long that the queue is told the time while its batch is on the way. */
export const deliverSlowly = fc.tuple(request, outcome, passing).map(([drawn, outcome, ms]): Step =>
  step(
    labelled('deliverSlowly', { ...drawn, ...outcome, ms }),
    (model, real) => {
      const claimed = claimNext(drawn, model, real);
      if (claimed === null) return;
      model.open.push(claimed);
      passTime(model, ms);
      advanceNow(model, real, []);
      endOne(claimed, outcome, model, real);
    },
    (model) => placeOf(drawn, model) !== undefined,
  ),
);

/** The process ends in the middle of it; the next one is told the time again. */
export const crashWhileAdvancing = fc
  .record({ ms: passing, steps: fc.integer({ min: 1, max: 4 }) })
  .map(({ ms, steps }): Step =>
    step(labelled('crashWhileAdvancing', { ms, steps }), (model, real) => {
      if (real.isSmall) return;
      passTime(model, ms);
      const advancing = real.store.advance(model.now);
      for (let i = 0; i < steps; i++) advancing.next();
      model.commit();
      restart(model, real, { isClean: false, isNewBoot: false });
      lastOf(real.store.advance(model.now));
      model.advance(model.now);
    }),
  );

/** Tells both what the time is; `meanwhile` comes after the first step, where there are more. */
export function advanceNow(model: QueueModel, real: RealQueue, meanwhile: readonly TestReading[]): void {
  const steps = real.store.advance(model.now);
  const first = steps.next();
  const expected = model.advance(model.now);
  if (first.done !== true && !real.isSmall) appendTo(model, real, meanwhile);
  const advanced = first.done === true ? first.value : lastOf(steps);
  const removed = followEviction(model, real);
  expect(advanced).toEqual({ ...expected, pruned: expected.pruned + removed.pruned, evicted: removed.evicted });
  expectWithinBudget(model, real);
}

export function passTime(model: QueueModel, ms: DurationMs): void {
  model.now += ms;
  model.mono += ms;
}

function freshReadings(count: number, model: QueueModel): ReturnType<typeof drawn> {
  const fresh = { shape: 0, agoMs: SECOND, deviceTime: 'none', kind: 'known', joins: false, copies: null } as const;
  return drawn(
    Array.from({ length: count }, (_, device) => ({ ...fresh, device })),
    model,
    false,
  );
}

/** The budget is kept, unless all that is left is on its way. */
function expectWithinBudget(model: QueueModel, real: RealQueue): void {
  const fits = real.store.database.usedBytes <= real.budgetBytes;
  const isHeld = ({ at }: ModelReading): boolean => model.sinks.some((sink) => model.holds(sink, minuteOf(at)));
  expect(fits || model.readings.every(isHeld), 'the budget is kept').toBe(true);
}
