/** Units in which devices report, and the stored unit each becomes. */
import { STORED_UNITS, type StoredUnit } from './quantities/definition.ts';

const CONVERTED = {
  kW: ['W', 1000],
  mW: ['W', 0.001],
  kWh: ['Wh', 1000],
  mWh: ['Wh', 0.001],
  // Shelly Gen1 relays count watt-minutes.
  Wmin: ['Wh', 1 / 60],
  kvar: ['var', 1000],
  kvarh: ['varh', 1000],
  kVA: ['VA', 1000],
  mV: ['V', 0.001],
  'ratio%': ['1', 0.01],
} as const satisfies Readonly<Record<string, readonly [StoredUnit, number]>>;

export type PayloadUnit = StoredUnit | keyof typeof CONVERTED;

export const PAYLOAD_UNITS: readonly PayloadUnit[] = [
  ...STORED_UNITS,
  ...(Object.keys(CONVERTED) as (keyof typeof CONVERTED)[]),
];

/** What a unit becomes, and the factor that brings a value there. */
export function storedUnit(unit: PayloadUnit): readonly [unit: StoredUnit, factor: number] {
  return isConverted(unit) ? CONVERTED[unit] : [unit, 1];
}

function isConverted(unit: PayloadUnit): unit is keyof typeof CONVERTED {
  return Object.hasOwn(CONVERTED, unit);
}
