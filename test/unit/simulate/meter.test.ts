import { describe, expect, it } from 'vitest';
import { LINZ, powerAt } from '../../../src/simulate/household.ts';
import {
  advance,
  type Counting,
  display,
  type MeterReading,
  type Registers,
  registersAt,
} from '../../../src/simulate/meter.ts';

const HOUR = 3_600_000;
const START = Date.UTC(2026, 5, 20, 3);
const ZERO: Registers = { at: START, importWh: 0, exportWh: 0, importVarh: 0, exportVarh: 0 };

describe('the registers', () => {
  it('are the integral of the power', () => {
    const end = advance(ZERO, LINZ, START + 6 * HOUR, 'netted');
    let importWs = 0;
    let exportWs = 0;
    for (let at = START; at < START + 6 * HOUR; at += 1000) {
      const { gridW } = powerAt(LINZ, at);
      importWs += Math.max(0, gridW);
      exportWs += Math.max(0, -gridW);
    }
    expect(importWs).toBeGreaterThan(0);
    expect(exportWs).toBeGreaterThan(0);
    expect(end.importWh).toBeCloseTo(importWs / 3600, 6);
    expect(end.exportWh).toBeCloseTo(exportWs / 3600, 6);
  });

  it('do not depend on how often they are read', () => {
    let often = ZERO;
    for (let at = START; at <= START + HOUR; at += 700) often = advance(often, LINZ, at, 'netted');
    const once = advance(ZERO, LINZ, often.at, 'netted');
    expect(often.importWh).toBeCloseTo(once.importWh, 6);
    expect(often.exportVarh).toBeCloseTo(once.exportVarh, 6);
  });

  it('never go back, and stay where they are when time does', () => {
    let before = ZERO;
    for (let at = START; at < START + 12 * HOUR; at += 5000) {
      const now = advance(before, LINZ, at, 'separate');
      expect(now.importWh).toBeGreaterThanOrEqual(before.importWh);
      expect(now.exportWh).toBeGreaterThanOrEqual(before.exportWh);
      expect(now.importVarh).toBeGreaterThanOrEqual(before.importVarh);
      before = now;
    }
    expect(advance(before, LINZ, START, 'separate')).toEqual(before);
  });

  it('agree between two runs on one day', () => {
    const first = advance(registersAt(LINZ, START, 'netted'), LINZ, START + HOUR, 'netted');
    const second = registersAt(LINZ, START + HOUR, 'netted');
    expect(second.importWh).toBeCloseTo(first.importWh, 6);
    expect(second.exportWh).toBeCloseTo(first.exportWh, 6);
  });
});

/** A day, minute by minute. */
function readings(counting: Counting): MeterReading[] {
  return Array.from({ length: 24 * 60 }, (_, i) => display({ ...ZERO, at: START + i * 60_000 }, LINZ, counting));
}

describe('the display', () => {
  it('shows whole numbers', () => {
    for (const reading of readings('separate').slice(0, 100)) {
      expect(Object.values(reading).every(Number.isInteger)).toBe(true);
    }
  });

  it('shows import or export where phases are netted', () => {
    expect(readings('netted').every((r) => r.importW === 0 || r.exportW === 0)).toBe(true);
  });

  it('may show both where they are counted one by one, with the same balance', () => {
    expect(readings('separate').some((r) => r.importW > 0 && r.exportW > 0)).toBe(true);
    for (const r of readings('separate')) {
      expect(Math.abs(r.importW - r.exportW - powerAt(LINZ, r.at).gridW)).toBeLessThanOrEqual(1);
    }
  });

  it('shows reactive power in one direction at a time', () => {
    expect(readings('netted').every((r) => r.importVar === 0 || r.exportVar === 0)).toBe(true);
  });
});
