import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Deadline } from '../../../../src/sinks/dynatrace/deadline.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('aborts when its time is over, and says that it was the time', () => {
  const deadline = new Deadline(new AbortController().signal, 1_000);
  vi.advanceTimersByTime(999);
  expect([deadline.signal.aborted, deadline.hasPassed]).toEqual([false, false]);
  vi.advanceTimersByTime(1);
  expect([deadline.signal.aborted, deadline.hasPassed]).toEqual([true, true]);
});

it('aborts with who asked, also where that was before, and says that it was not the time', () => {
  const asker = new AbortController();
  const deadline = new Deadline(asker.signal, 1_000);
  asker.abort();
  expect([deadline.signal.aborted, deadline.hasPassed]).toEqual([true, false]);
  expect(new Deadline(asker.signal, 1_000).signal.aborted).toBe(true);
});

it('leaves nothing behind when it is ended', () => {
  const asker = new AbortController();
  const deadline = new Deadline(asker.signal, 1_000);
  deadline.end();
  expect(vi.getTimerCount()).toBe(0);
  asker.abort();
  expect(deadline.signal.aborted).toBe(false);
});
