import { describe, expect, it } from 'vitest';
import { decideTime, type TimeEvidence } from '../../../src/intake/device-time.ts';
import { DAY, HOUR, MINUTE } from '../../../src/model/time.ts';

const NOW = Date.parse('2026-11-20T14:00:00Z');
const TRUST = { behindMs: DAY, aheadMs: 2 * MINUTE };

describe('the time of a reading', () => {
  it('is the device’s own within 24 h behind and 2 min ahead, both ends included', () => {
    for (const offset of [-DAY, -HOUR, 0, 2 * MINUTE]) {
      expect(decide({ deviceTime: NOW + offset })).toEqual({ kind: 'known', at: NOW + offset });
    }
    for (const offset of [-DAY - 1, 2 * MINUTE + 1, HOUR, 80 * 365 * DAY]) {
      expect(decide({ deviceTime: NOW + offset })).toEqual({ kind: 'known', at: NOW });
    }
  });

  it('is that of receipt where the device gives none', () => {
    expect(decide({ deviceTime: null })).toEqual({ kind: 'known', at: NOW });
    expect(decide({ deviceTime: Number.NaN })).toEqual({ kind: 'known', at: NOW });
  });

  it.each<[string, number | null]>([
    ['firmware up to 1.4.3 gives none', null],
    ['firmware 1.4.4 to 1.4.6 is an hour ahead in winter', NOW + HOUR],
    ['firmware 1.4.4 to 1.4.6 is two hours ahead in summer', NOW + 2 * HOUR],
    ['firmware 1.5.8 sends a boolean, which is none', null],
    ['the largest message carries a time in 2106', 4294967288000],
  ])('is that of receipt when %s', (_firmware, deviceTime) => {
    expect(decide({ deviceTime })).toEqual({ kind: 'known', at: NOW });
  });

  it('of a retained message is its own or it is no reading', () => {
    expect(decide({ retained: true, deviceTime: NOW - HOUR })).toEqual({ kind: 'known', at: NOW - HOUR });
    expect(decide({ retained: true, deviceTime: NOW + HOUR })).toEqual({ kind: 'ignored' });
    expect(decide({ retained: true, deviceTime: null })).toEqual({ kind: 'ignored' });
    expect(decide({ retained: true, waited: true, deviceTime: null })).toEqual({ kind: 'ignored' });
  });

  it('of a message that waited is its own or unknown', () => {
    expect(decide({ waited: true, deviceTime: NOW - HOUR })).toEqual({ kind: 'known', at: NOW - HOUR });
    expect(decide({ waited: true, deviceTime: NOW + HOUR })).toEqual({ kind: 'unknown', at: NOW });
    expect(decide({ waited: true, deviceTime: null })).toEqual({ kind: 'unknown', at: NOW });
  });

  it('that only the device can know stays open while our own clock is not confirmed', () => {
    const later = NOW + 3 * DAY;
    expect(decide({ confirmed: false, waited: true, deviceTime: later })).toEqual({ kind: 'provisional', at: NOW });
    expect(decide({ confirmed: false, retained: true, deviceTime: later })).toEqual({ kind: 'provisional', at: NOW });
    expect(decide({ confirmed: false, waited: true, deviceTime: null })).toEqual({ kind: 'unknown', at: NOW });
    expect(decide({ confirmed: false, deviceTime: later })).toEqual({ kind: 'known', at: NOW });
  });

  it('that waited or is retained stays open even if it looks right: our wrong clock may only seem to agree', () => {
    for (const kept of [{ waited: true }, { retained: true }]) {
      expect(decide({ ...kept, confirmed: false, deviceTime: NOW - HOUR })).toEqual({
        kind: 'provisional',
        at: NOW - HOUR,
      });
    }
  });
});

function decide(evidence: Partial<TimeEvidence>): ReturnType<typeof decideTime> {
  return decideTime(
    { deviceTime: null, receivedAt: NOW, confirmed: true, retained: false, waited: false, ...evidence },
    TRUST,
  );
}
