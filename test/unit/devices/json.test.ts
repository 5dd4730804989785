import { describe, expect, it } from 'vitest';
import { createJsonProfile, type JsonTime } from '../../../src/devices/json.ts';
import type { Decoded, Json } from '../../../src/devices/profile.ts';

const CONTEXT = { topic: 'tele/plug/SENSOR', device: 'plug' };

describe('the JSON profile', () => {
  it('brings values into the stored unit without the noise of binary fractions', () => {
    expect(decode({ total: 34507.4761 }, { path: 'total', factor: 1000 })).toMatchObject({
      readings: [{ values: [34507476.1] }],
    });
    expect(decode({ total: '0.3' }, { path: 'total', factor: -1 })).toMatchObject({ readings: [{ values: [-0.3] }] });
  });

  it('passes over a configured field that is absent, and refuses one that is no number', () => {
    const profile = createJsonProfile({
      fields: { a: { path: 'a', factor: 1 }, b: { path: 'b', factor: 1 }, c: { path: 'c.d', factor: 1 } },
    });
    expect(profile.decode({ a: 1, b: false }, CONTEXT)).toMatchObject({
      readings: [{ quantities: ['a'] }],
      refusedFields: [{ field: 'b', reason: 'a boolean, not a number' }],
    });
    expect(profile.decode({ e: 1 }, CONTEXT)).toEqual({ kind: 'refused', reason: 'no known field' });
    expect(profile.decode({ b: null }, CONTEXT)).toMatchObject({
      kind: 'refused',
      reason: 'no usable value: b is refused: null',
    });
  });

  it('refuses a value that its factor makes too large', () => {
    expect(decode({ v: 1e300 / 1e290, w: 1 }, { path: 'v', factor: 1e300 })).toMatchObject({ kind: 'refused' });
  });

  it.each<[Json, JsonTime['unit'], number | null]>([
    [1766079281, 's', 1766079281000],
    [1766079281250.4, 'ms', 1766079281250],
    ['2025-12-18T17:34:41Z', 'iso', 1766079281000],
    ['2025-12-18T18:34:41+01:00', 'iso', 1766079281000],
    ['2025-12-18T17:34:41', 'iso', null],
    ['yesterdayZ', 'iso', null],
    [1766079281, 'iso', null],
    ['1766079281', 's', null],
    [true, 's', null],
    [1e306, 's', null],
    [1e300, 'ms', null],
  ])('reads the time %j in %s as %s', (time, unit, expected) => {
    const profile = createJsonProfile({ fields: { v: { path: 'v', factor: 1 } }, time: { path: 't', unit } });
    const decoded = profile.decode({ v: 1, t: time }, CONTEXT);
    expect(decoded).toMatchObject({ readings: [{ deviceTime: expected }] });
    expect(decoded.kind === 'readings' && decoded.refusedFields.length).toBe(expected === null ? 1 : 0);
  });

  it('has no device time, and nothing to refuse, where the payload has none', () => {
    const profile = createJsonProfile({ fields: { v: { path: 'v', factor: 1 } }, time: { path: 't', unit: 's' } });
    expect(profile.decode({ v: 1 }, CONTEXT)).toMatchObject({
      readings: [{ deviceTime: null }],
      refusedFields: [],
    });
  });
});

function decode(payload: Json, field: { path: string; factor: number }): Decoded {
  return createJsonProfile({ fields: { quantity: field } }).decode(payload, CONTEXT);
}
