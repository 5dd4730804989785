import { expect, it } from 'vitest';
import { MINUTE, SECOND } from '../../src/model/time.ts';
import { SafeMode } from '../../src/safe-mode.ts';
import { silentLog } from '../support/silent-log.ts';
import { SteppedClock } from '../support/stepped-clock.ts';

function scene(forMs: number, failures = 0) {
  const machineClock = new SteppedClock(0);
  const asked: number[] = [];
  const endSafeMode = (): Promise<void> => {
    asked.push(machineClock.monoMs());
    return asked.length <= failures ? Promise.reject(new Error('disk full')) : Promise.resolve();
  };
  const safeMode = new SafeMode({ forMs, queue: { endSafeMode }, machineClock, log: silentLog });
  const stopping = new AbortController();
  let over = false;
  void safeMode.over(stopping.signal).then(() => (over = true));
  return { safeMode, machineClock, asked, stopping, isOver: () => over };
}

it('holds sending back for its time, says so with what is left, and ends by itself', async () => {
  const { safeMode, machineClock, asked, isOver } = scene(30 * MINUTE);
  await machineClock.advance(20 * MINUTE);
  expect(isOver()).toBe(false);
  const [problem] = safeMode.problems();
  expect(problem).toMatchObject({ code: 'safe.mode', message: expect.stringContaining('in 10 min') as string });
  await machineClock.advance(10 * MINUTE);
  expect([isOver(), asked.length, safeMode.problems()]).toEqual([true, 1, []]);
});

it('does not begin to send before that is on record', async () => {
  const { safeMode, machineClock, isOver } = scene(MINUTE, 2);
  await machineClock.advance(MINUTE + 9 * SECOND);
  expect([isOver(), safeMode.problems().length]).toEqual([false, 1]);
  await machineClock.advance(2 * SECOND);
  expect([isOver(), safeMode.problems()]).toEqual([true, []]);
});

it('is nothing after a start that needs none', async () => {
  const { safeMode, machineClock, asked, isOver } = scene(0);
  await machineClock.advance(0);
  expect([isOver(), asked, safeMode.problems()]).toEqual([true, [], []]);
});

it('lets the gateway stop at any time', async () => {
  const { machineClock, asked, stopping, isOver } = scene(30 * MINUTE);
  await machineClock.advance(MINUTE);
  stopping.abort();
  await machineClock.advance(0);
  expect([isOver(), asked, machineClock.sleeping]).toEqual([true, [], 0]);
});
