import { describe, expect, it } from 'vitest';
import { LINZ, type Power, powerAt, sunElevation } from '../../../src/simulate/household.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const SUMMER = Date.UTC(2026, 5, 20);
const WINTER = Date.UTC(2026, 11, 20);

/** Every `stepMs` from an instant on, for some days. */
function powers(from: number, days = 1, stepMs = 60_000, home = LINZ): (Power & { at: number })[] {
  return Array.from({ length: (days * DAY) / stepMs }, (_, i) => {
    const at = from + i * stepMs;
    return { at, ...powerAt(home, at) };
  });
}

const mean = (numbers: readonly number[]): number => numbers.reduce((sum, n) => sum + n, 0) / numbers.length;

/** The house's mean load between two hours (UTC), in a winter fortnight. */
function load(fromHour: number, toHour: number): number {
  const hours = powers(WINTER, 14).filter(({ at }) => (at % DAY) / HOUR >= fromHour && (at % DAY) / HOUR < toHour);
  return mean(hours.map((p) => p.houseW));
}

describe('a household', () => {
  it('is the same for the same seed, at any instant, in any order', () => {
    const forwards = powers(SUMMER);
    const backwards = powers(SUMMER)
      .toReversed()
      .map(({ at }) => ({ at, ...powerAt({ ...LINZ }, at) }));
    expect(backwards.toReversed()).toEqual(forwards);
    expect(powers(SUMMER, 1, 60_000, { ...LINZ, seed: 2 })).not.toEqual(forwards);
  });

  it('keeps its powers for a second', () => {
    expect(powerAt(LINZ, SUMMER + 12_345_000)).toEqual(powerAt(LINZ, SUMMER + 12_345_999));
    expect(powerAt(LINZ, SUMMER + 12_345_000)).not.toEqual(powerAt(LINZ, SUMMER + 12_346_000));
  });

  it('has no PV power at night, and never more than the system can give', () => {
    const year = powers(Date.UTC(2026, 0, 1), 365, 900_000);
    for (const { at, pvW } of year) {
      expect(pvW).toBeGreaterThanOrEqual(0);
      expect(pvW).toBeLessThan(sunElevation(LINZ, at) <= 0 ? Number.MIN_VALUE : LINZ.pvPeakW);
    }
    expect(powerAt(LINZ, SUMMER + DAY).pvW).toBe(0);
    const yieldKwh = mean(year.map((p) => p.pvW)) * 8.76;
    expect(yieldKwh / (LINZ.pvPeakW / 1000)).toBeGreaterThan(700);
    expect(yieldKwh / (LINZ.pvPeakW / 1000)).toBeLessThan(1300);
  });

  it('has more sun in June than in December', () => {
    const june = mean(powers(SUMMER - 10 * DAY, 20, 900_000).map((p) => p.pvW));
    expect(june).toBeGreaterThan(3 * mean(powers(WINTER - 10 * DAY, 20, 900_000).map((p) => p.pvW)));
  });

  it('uses more in the morning and in the evening than at night', () => {
    expect(load(5.5, 7)).toBeGreaterThan(1.5 * load(0, 3));
    expect(load(17, 20)).toBeGreaterThan(2 * load(0, 3));
    expect(load(0, 3)).toBeGreaterThan(100);
  });

  it('charges the car in the evening and at night only, on some days', () => {
    const fortnight = powers(WINTER, 14);
    const charging = fortnight.filter((p) => p.carW > 0).map(({ at }) => ((at + HOUR) % DAY) / 3_600_000);
    expect(charging.length).toBeGreaterThan(0);
    expect(charging.every((hour) => hour >= 18 || hour < 1)).toBe(true);
    const days = new Set(fortnight.filter((p) => p.carW > 0).map(({ at }) => Math.floor((at - 11 * HOUR) / DAY)));
    expect(days.size).toBeLessThan(14);
  });

  it('draws from the grid what the PV system does not give', () => {
    for (const p of powers(SUMMER)) expect(p.gridW).toBeCloseTo(p.houseW + p.carW - p.pvW, 9);
    expect(powers(SUMMER).some((p) => p.gridW < 0)).toBe(true);
    expect(powers(SUMMER).some((p) => p.gridW > 0)).toBe(true);
  });
});
