import { describe, expect, expectTypeOf, it } from 'vitest';
import {
  storedCounters,
  storedRetryAfter,
  type RouteDocument,
  type SinkDocument,
} from '../../../src/dispatch/state-documents.ts';
import { MINUTE } from '../../../src/model/time.ts';
import type { RouteState, SinkState } from '../../../src/report/state.ts';

describe('state documents', () => {
  const lastError = { at: 1_000, status: 429, message: 'Too many requests' };
  const document = { state: 'retrying', nextAttemptAt: 1_000 + 10 * MINUTE, lastError, hint: null, retryAfter: true };
  const restored = (changed: object, now: number) =>
    storedRetryAfter({ 'sink:s:metrics': { ...document, ...changed } }, 's', 'metrics', now)?.remainingMs ?? null;

  it('are what a status reads', () => {
    expectTypeOf<SinkDocument>().toExtend<SinkState>();
    expectTypeOf<RouteDocument>().toExtend<RouteState>();
  });

  it('restore only a Retry-After that still runs, and never more of it than was asked for', () => {
    expect(restored({}, 1_000 + 4 * MINUTE)).toBe(6 * MINUTE);
    expect(restored({}, 1_000 + 11 * MINUTE)).toBeNull();
    expect(restored({}, -1e12)).toBe(10 * MINUTE);
    expect(restored({ retryAfter: false }, 1_000)).toBeNull();
    expect(restored({ lastError: { ...lastError, status: 500 } }, 1_000)).toBeNull();
    expect(restored({ lastError: 'nonsense' }, 1_000)).toBeNull();
  });

  it('treat what is malformed as absent', () => {
    expect(storedCounters({}, 's')).toBeNull();
    expect(storedCounters({ 'sink:s': [] }, 's')).toBeNull();
    expect(storedCounters({ 'sink:s': { requests: 1, lines: 2, bytesSent: '3' } }, 's')).toBeNull();
    expect(storedCounters({ 'sink:s': { requests: 1, lines: 2, bytesSent: 3 } }, 's')).toMatchObject({ lines: 2 });
  });
});
