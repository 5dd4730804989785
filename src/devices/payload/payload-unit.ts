import type { PayloadUnit } from '../../model/profile-data.ts';
import type { StoredUnit } from '../../model/quantities/definition.ts';

/** The stored unit and what a value in the payload's is multiplied by. */
const CONVERTED: Readonly<Record<Exclude<PayloadUnit, StoredUnit>, readonly [StoredUnit, number]>> = {
  kW: ['W', 1000],
  mW: ['W', 0.001],
  kWh: ['Wh', 1000],
  mWh: ['Wh', 0.001],
  // Shelly Gen1 relays count watt-minutes.
  Wmin: ['Wh', 1 / 60],
  kvar: ['var', 1000],
  kvarh: ['varh', 1000],
  mV: ['V', 0.001],
  'ratio%': ['1', 0.01],
};

/** What a payload's unit becomes, and the factor that brings it there. */
export function stored(unit: PayloadUnit): readonly [unit: StoredUnit, factor: number] {
  return isConverted(unit) ? CONVERTED[unit] : [unit, 1];
}

function isConverted(unit: PayloadUnit): unit is keyof typeof CONVERTED {
  return Object.hasOwn(CONVERTED, unit);
}
