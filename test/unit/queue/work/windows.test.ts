import { expect, it } from 'vitest';
import { DAY, HOUR, MINUTE } from '../../../../src/model/time.ts';
import { firstMinuteWithin, routeFor } from '../../../../src/queue/work/windows.ts';
import { at, DYNATRACE, M0 } from '../../../support/queue-fixture.ts';

it.each([
  ['a fresh minute', M0, DAY, 'metrics'],
  ['one that began exactly a window ago', M0 - 60, DAY, 'metrics'],
  ['one that began a minute earlier', M0 - 61, DAY, 'late'],
  ['one that is too old for every route', M0 - 24 * 60, DAY, null],
  ['one that is older than the queue owes anything', M0 - 10, 5 * MINUTE, null],
])('chooses the first route that takes %s', (_, minute, ttlMs, route) => {
  expect(routeFor(minute, DYNATRACE.routes, ttlMs, at(0))).toBe(route);
});

it('knows windows without end', () => {
  expect(firstMinuteWithin(Number.POSITIVE_INFINITY, at(0))).toBeLessThan(-1e9);
  expect(firstMinuteWithin(HOUR, at(0, 1))).toBe(M0 - 59);
});
