import { expect, it } from 'vitest';
import { Watchdog } from '../../../../src/queue/thread/watchdog.ts';

it('calls the main loop stuck when its counter has not moved for the limit, and not before', () => {
  const beat = new SharedArrayBuffer(4);
  const watchdog = new Watchdog(beat, 3_000);
  expect([0, 1_000, 2_999].map((now) => watchdog.isStuck(now))).toEqual([false, false, false]);
  Atomics.add(new Int32Array(beat), 0, 1);
  expect([3_000, 5_999].map((now) => watchdog.isStuck(now))).toEqual([false, false]);
  expect(watchdog.isStuck(6_000)).toBe(true);
});

it('does not take a process that was paused for one whose main loop stands still', () => {
  const watchdog = new Watchdog(new SharedArrayBuffer(4), 120_000);
  expect([1_000, 600_000, 601_000, 609_000].map((now) => watchdog.isStuck(now))).toEqual([false, false, false, false]);
  expect(Array.from({ length: 121 }, (_, i) => watchdog.isStuck(610_000 + i * 1_000)).at(-1)).toBe(true);
});
