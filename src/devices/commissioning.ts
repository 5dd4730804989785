/**
 * Whether the values of an installation can be right together: energy neither comes from nowhere nor goes nowhere. Tells which
 * sign is probably wrong. Pure; values in W, signs as everywhere (grid + = import, battery + = charging, PV ≥ 0).
 */
import type { Quantity } from '../model/reading.ts';

export interface Finding {
  readonly quantity: Quantity;
  readonly message: string;
}

type Values = ReadonlyMap<Quantity, number>;

/** Below this, rounding and losses decide. */
const NOTICEABLE_W = 300;
/** What inverters lose and devices round, as a share of the largest power. */
const TOLERANCE = 0.15;

/** What looks wrong; empty when the values fit, or when there are too few to tell. */
export function commissioning(values: Values): Finding[] {
  const [pv, grid] = [values.get('pv.power'), values.get('grid.power')];
  const load = values.get('load.power');
  const battery = values.get('battery.power') ?? 0;
  const findings: Finding[] = [];
  if (pv !== undefined && pv < 0)
    findings.push({ quantity: 'pv.power', message: 'PV power is negative: its sign is the other way round.' });
  if (pv === undefined || grid === undefined || load === undefined) return findings;
  const largest = Math.max(Math.abs(pv), Math.abs(grid), Math.abs(load), Math.abs(battery));
  if (largest < NOTICEABLE_W || fits(pv, grid, battery, load, largest)) return findings;
  if (Math.abs(grid) > NOTICEABLE_W / 2 && fits(pv, -grid, battery, load, largest))
    findings.push({
      quantity: 'grid.power',
      message: `PV gives ${watts(pv)} and the house takes ${watts(load)}, yet the grid power is ${watts(grid)}: its sign is the other way round.`,
    });
  else if (Math.abs(battery) > NOTICEABLE_W / 2 && fits(pv, grid, -battery, load, largest))
    findings.push({
      quantity: 'battery.power',
      message: `The powers fit only if the battery's ${watts(battery)} have the other sign.`,
    });
  else
    findings.push({
      quantity: 'grid.power',
      message: `The powers do not fit together: PV ${watts(pv)}, grid ${watts(grid)}, battery ${watts(battery)}, house ${watts(load)}. Is a meter missing, or a clamp on the wrong wire?`,
    });
  return findings;
}

function fits(pv: number, grid: number, battery: number, load: number, largest: number): boolean {
  return Math.abs(pv + grid - battery - load) <= Math.max(NOTICEABLE_W / 2, TOLERANCE * largest);
}

function watts(power: number): string {
  return `${Math.round(power)} W`;
}
