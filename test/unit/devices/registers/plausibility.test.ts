import { describe, expect, it } from 'vitest';
import { Plausibility } from '../../../../src/devices/registers/plausibility.ts';
import { HOUR, MINUTE, SECOND } from '../../../../src/model/time.ts';

/** A counter in Wh with steps of 100, of a device with 10 kW. */
function counter() {
  const plausibility = new Plausibility();
  return (value: number, at: number): string | null =>
    plausibility.check('energy.generated.total', { value, at, risesPerHour: 10_000, resolution: 100 });
}

describe('a counter of energy', () => {
  it('rises, and stands still', () => {
    const check = counter();
    expect([check(5_000, 0), check(5_000, MINUTE), check(5_100, 2 * MINUTE)]).toEqual([null, null, null]);
  });

  it('is not believed when it is 0 for a moment at dawn', () => {
    const check = counter();
    check(5_000, 0);
    expect(check(0, HOUR)).toBe('fell from 5000 to 0');
    expect(check(5_000, HOUR + SECOND)).toBeNull();
  });

  it('is not believed when it is 0 for a whole night, as from a logger whose inverter sleeps', () => {
    const check = counter();
    check(5_000, 0);
    const night = Array.from({ length: 14 * 60 }, (_, minute) => check(0, minute * MINUTE + MINUTE));
    expect(night.filter((reason) => reason === null)).toEqual([]);
    expect(check(5_000, 15 * HOUR)).toBeNull();
  });

  it('is believed when it has been 0 for a day', () => {
    const check = counter();
    check(5_000, 0);
    check(0, HOUR);
    expect(check(0, 24 * HOUR)).toBe('fell from 5000 to 0');
    expect(check(0, 25 * HOUR)).toBeNull();
  });

  it('is not believed when it jumps to 65535 and back', () => {
    const check = counter();
    check(5_000, 0);
    expect(check(6_553_500, 5 * SECOND)).toBe('rose from 5000 to 6553500');
    expect(check(5_000, 10 * SECOND)).toBeNull();
  });

  it('may rise over a night of silence by what the device can do in it, and no more', () => {
    const check = counter();
    check(5_000, 0);
    expect(check(85_000, 8 * HOUR)).toBeNull();
    expect(check(180_000, 17 * HOUR)).toMatch(/^rose/);
  });

  it('may step by its resolution at once', () => {
    const check = counter();
    check(5_000, 0);
    expect(check(5_100, 5 * SECOND)).toBeNull();
  });

  it('is taken for set anew when it goes on from another level for ten minutes', () => {
    const check = counter();
    check(5_000_000, 0);
    const said = Array.from({ length: 11 }, (_, minute) =>
      check(100 + 100 * Math.floor(minute / 6), (1 + minute) * MINUTE),
    );
    expect(said.slice(0, 10).filter((reason) => reason === null)).toEqual([]);
    expect(said[10]).toBeNull();
    expect(check(300, 12 * MINUTE)).toBeNull();
    expect(check(5_000_000, 13 * MINUTE)).toMatch(/^rose/);
  });

  it('is not taken for set anew by values that jump about', () => {
    const check = counter();
    check(5_000_000, 0);
    const said = Array.from({ length: 60 }, (_, minute) =>
      check(minute % 2 === 0 ? 100 : 4_000_000, (1 + minute) * MINUTE),
    );
    expect(said.filter((reason) => reason === null)).toEqual([]);
  });

  it('knows nothing of another counter', () => {
    const plausibility = new Plausibility();
    const now = { value: 5_000, at: 0, risesPerHour: 1, resolution: 1 };
    plausibility.check('a', now);
    expect(plausibility.check('b', { ...now, value: 1 })).toBeNull();
  });
});
