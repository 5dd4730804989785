import { DAY, type DurationMs, type EpochMs, HOUR, MINUTE, SECOND } from '../model/time.ts';
import { type Household, type Power, powerAt } from './household.ts';

/** What the meter's display shows. Registers in Wh and varh, powers in W and var; all whole numbers. */
export interface MeterReading {
  readonly at: EpochMs;
  readonly importWh: number;
  readonly exportWh: number;
  readonly importVarh: number;
  readonly exportVarh: number;
  readonly importW: number;
  readonly exportW: number;
  readonly importVar: number;
  readonly exportVar: number;
  /** The prepayment counter, signed. */
  readonly inkassoWh: number;
}

/** Registers with their fractions. */
export interface Registers {
  readonly at: EpochMs;
  readonly importWh: number;
  readonly exportWh: number;
  readonly importVarh: number;
  readonly exportVarh: number;
}

/**
 * How a three-phase meter counts. `netted`: over all phases, so that import or export is zero. `separate`: a phase that
 * feeds in and one that draws are both counted, so that both powers may be above zero at once.
 */
export type Counting = 'netted' | 'separate';

/** Shares of the three phases in the house's load; the charger and the inverter are symmetrical. */
const HOUSE_SHARES = [0.5, 0.3, 0.2] as const;

const INSTALLED: Registers = {
  at: Date.UTC(2026, 0, 1),
  importWh: 52_680_160,
  exportWh: 22_571_990,
  importVarh: 1_429_460,
  exportVarh: 3_086_146,
};

/**
 * The registers of a meter that has been running since 2026: by quarters of an hour up to the last midnight, then exactly,
 * so that two runs on one day agree.
 */
export function registersAt(home: Household, at: EpochMs, counting: Counting): Registers {
  const midnight = Math.floor(at / DAY) * DAY;
  return advance(advance(INSTALLED, home, midnight, counting, 15 * MINUTE), home, at, counting);
}

/** The registers at a later instant: every second's energy added (or every `step`'s, by the power at its start). */
export function advance(
  from: Registers,
  home: Household,
  to: EpochMs,
  counting: Counting,
  step: DurationMs = SECOND,
): Registers {
  let { importWh, exportWh, importVarh, exportVarh } = from;
  for (let at = from.at; at < to;) {
    const end = Math.min(to, (Math.floor(at / step) + 1) * step);
    const hours = (end - at) / HOUR;
    const power = powerAt(home, at);
    const { importW, exportW } = directions(power, counting);
    importWh += importW * hours;
    exportWh += exportW * hours;
    importVarh += Math.max(0, power.reactiveVar) * hours;
    exportVarh += Math.max(0, -power.reactiveVar) * hours;
    at = end;
  }
  return { at: Math.max(from.at, to), importWh, exportWh, importVarh, exportVarh };
}

/** The display at the registers' instant. */
export function display(registers: Registers, home: Household, counting: Counting): MeterReading {
  const power = powerAt(home, registers.at);
  const { importW, exportW } = directions(power, counting);
  return {
    at: registers.at,
    importWh: Math.floor(registers.importWh),
    exportWh: Math.floor(registers.exportWh),
    importVarh: Math.floor(registers.importVarh),
    exportVarh: Math.floor(registers.exportVarh),
    importW: Math.round(importW),
    exportW: Math.round(exportW),
    importVar: Math.round(Math.max(0, power.reactiveVar)),
    exportVar: Math.round(Math.max(0, -power.reactiveVar)),
    inkassoWh: 0,
  };
}

function directions(power: Power, counting: Counting): { readonly importW: number; readonly exportW: number } {
  if (counting === 'netted') return { importW: Math.max(0, power.gridW), exportW: Math.max(0, -power.gridW) };
  const phases = HOUSE_SHARES.map((share) => power.houseW * share + (power.carW - power.pvW) / 3);
  return {
    importW: phases.reduce((sum, phase) => sum + Math.max(0, phase), 0),
    exportW: phases.reduce((sum, phase) => sum + Math.max(0, -phase), 0),
  };
}
