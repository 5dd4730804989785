import { describe, expect, it, vi } from 'vitest';
import { backoff, backoffRefusing } from '../../../src/dispatch/backoff.ts';
import { MINUTE, SECOND } from '../../../src/model/time.ts';
import { busy, page, unauthorised, unreachable } from '../../support/fake-sink.ts';

describe('back-off', () => {
  it('tries an unreachable server every two seconds, with jitter', () => {
    expect([0, 0.5, 0.999].map((r) => Math.round(backoff(unreachable, 9, () => r)))).toEqual([1500, 2000, 2499]);
  });

  it('gives a busy server full jitter up to a minute', () => {
    expect([1, 2, 3, 6, 50].map((n) => backoff(busy(), n, () => 1))).toEqual([2000, 4000, 8000, 60_000, 60_000]);
    expect(backoff(busy(), 5, () => 0)).toBe(100);
  });

  it('lets Retry-After win, but not beyond an hour', () => {
    expect(backoff(busy(17 * SECOND), 9, () => 0)).toBe(17 * SECOND);
    expect(backoff(busy(999 * MINUTE), 9, () => 0)).toBe(60 * MINUTE);
  });

  it('asks a page every 15 seconds, and wrong credentials every five minutes', () => {
    expect(backoff(page, 1, () => 0)).toBe(15 * SECOND);
    expect(backoff(unauthorised, 1, () => 0)).toBe(5 * MINUTE);
  });

  it('asks a server that refuses everything ever less often, up to once a minute', () => {
    expect([1, 2, 3, 9].map(backoffRefusing)).toEqual([15_000, 30_000, 60_000, 60_000]);
  });

  it('never reads the wall clock', () => {
    const now = vi.spyOn(Date, 'now');
    for (const outcome of [unreachable, busy(), busy(5), page, unauthorised]) backoff(outcome, 3, () => 0.5);
    expect(now).not.toHaveBeenCalled();
  });
});
