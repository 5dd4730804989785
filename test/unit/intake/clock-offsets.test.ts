import { describe, expect, it } from 'vitest';
import { ClockOffsets } from '../../../src/intake/clock-offsets.ts';
import { DAY, HOUR, MINUTE, SECOND } from '../../../src/model/time.ts';

const TRUST = { behindMs: DAY, aheadMs: 2 * MINUTE };

describe('the clock of a device', () => {
  it('is reported when it is steadily an hour ahead, with the firmware that does so', () => {
    const offsets = observed(Array.from({ length: 20 }, (_, i) => HOUR - (i % 3) * SECOND));
    expect(offsets.medianMs('grid-meter')).toBe(HOUR - SECOND);
    expect(offsets.problems(TRUST)).toEqual([
      {
        code: 'source.clock',
        message: 'the clock of grid-meter is 1 h 0 min ahead; its readings carry the time they were received',
        hint: expect.stringContaining('firmware 1.4.4 to 1.4.6') as string,
      },
    ]);
  });

  it('is reported with its effect when it is behind and believed', () => {
    expect(observed(Array.from({ length: 5 }, () => -12 * MINUTE)).problems(TRUST)).toMatchObject([
      {
        message: 'the clock of grid-meter is 12 min behind; its readings carry that time',
        hint: expect.stringContaining('trustTime') as string,
      },
    ]);
  });

  it('is not blamed for a few late messages, nor for what a message needs to arrive', () => {
    expect(observed([HOUR, HOUR, HOUR, HOUR]).problems(TRUST)).toEqual([]);
    expect(observed([0, -HOUR, 0, -HOUR, 0, 0, -HOUR]).problems(TRUST)).toEqual([]);
    expect(observed(Array.from({ length: 15 }, () => -90 * SECOND)).problems(TRUST)).toEqual([]);
  });

  it('is no problem any more once it was set', () => {
    const offsets = observed(Array.from({ length: 15 }, () => HOUR));
    for (let i = 0; i < 8; i++) offsets.observe('grid-meter', 0);
    expect(offsets.problems(TRUST)).toEqual([]);
  });

  it('is followed for a bounded number of devices', () => {
    const offsets = new ClockOffsets();
    for (let i = 0; i < 2_000; i++) for (let n = 0; n < 5; n++) offsets.observe(`d${i}`, HOUR);
    expect(offsets.problems(TRUST)).toHaveLength(256);
  });
});

function observed(offsetsMs: readonly number[]): ClockOffsets {
  const offsets = new ClockOffsets();
  for (const offsetMs of offsetsMs) offsets.observe('grid-meter', offsetMs);
  return offsets;
}
