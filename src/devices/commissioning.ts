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
/** With so much sun a house rarely draws half as much again from the grid. */
const SUNNY_W = 1_000;

/** What looks wrong; empty when the values fit, or when there are too few to tell. */
export function commissioning(values: Values): Finding[] {
  const [pv, grid] = [values.get('pv.power'), values.get('grid.power')];
  const load = values.get('load.power');
  const battery = values.get('battery.power') ?? 0;
  const findings: Finding[] = [];
  if (pv !== undefined && pv < 0)
    findings.push({
      quantity: 'pv.power',
      message: `PV power is negative: its sign is the other way round. ${remedy('pv.*power')}`,
    });
  if (pv === undefined || grid === undefined) return findings;
  const perhaps = pv >= SUNNY_W && grid >= pv / 2 ? [drawsInTheSun(pv, grid)] : [];
  if (load === undefined) return [...findings, ...perhaps];
  const largest = Math.max(Math.abs(pv), Math.abs(grid), Math.abs(load), Math.abs(battery));
  if (largest < NOTICEABLE_W) return findings;
  // An inverter that works the load out from a clamp which is the wrong way round has powers that fit.
  if (fits(pv, grid, battery, load, largest)) return [...findings, ...perhaps];
  if (Math.abs(grid) > NOTICEABLE_W / 2 && fits(pv, -grid, battery, load, largest))
    findings.push({
      quantity: 'grid.power',
      message: `PV gives ${watts(pv)} and the house takes ${watts(load)}, yet the grid power is ${watts(grid)}: its sign is the other way round. ${remedy('grid.*power')}`,
    });
  else if (Math.abs(battery) > NOTICEABLE_W / 2 && fits(pv, grid, -battery, load, largest))
    findings.push({
      quantity: 'battery.power',
      message: `The powers fit only if the battery's ${watts(battery)} have the other sign. ${remedy('battery.power')}`,
    });
  else
    findings.push({
      quantity: 'grid.power',
      message: `The powers do not fit together: PV ${watts(pv)}, grid ${watts(grid)}, battery ${watts(battery)}, house ${watts(load)}. Is a meter missing, or a clamp on the wrong wire?`,
    });
  return findings;
}

function drawsInTheSun(pv: number, grid: number): Finding {
  return {
    quantity: 'grid.power',
    message: `PV gives ${watts(pv)} and yet ${watts(grid)} are drawn from the grid. Unless something large runs (a car, a heater), its sign is the other way round. ${remedy('grid.*power')}`,
  };
}

function remedy(quantities: string): string {
  return `Is a clamp the wrong way round? If not, set \`invert: [${quantities}]\` at the device.`;
}

function fits(pv: number, grid: number, battery: number, load: number, largest: number): boolean {
  return Math.abs(pv + grid - battery - load) <= Math.max(NOTICEABLE_W / 2, TOLERANCE * largest);
}

function watts(power: number): string {
  return `${Math.round(power)} W`;
}
