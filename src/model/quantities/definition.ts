import type { Quantity } from '../reading.ts';

export interface QuantityDefinition {
  readonly name: Quantity;
  /** Unit of the stored value. */
  readonly unit: StoredUnit;
  readonly metricKey: string;
  readonly metricUnit: string;
  /** A stored value is divided by this to give the metric's value (a division keeps 501 W an exact 0.501 kW). */
  readonly divisor: number;
  readonly displayName: string;
  /** `gauge` may be averaged within a minute; of a `state` (enumeration, bit field) only the last value counts. */
  readonly kind: 'gauge' | 'state';
}

/** Units in which values are stored. `1`: a ratio, a number of things, or the number of a state. */
export type StoredUnit = keyof typeof METRIC_UNITS;

/** The metric's unit for each stored one. The sink's pattern for units has no `°` and no `Ω`. */
const METRIC_UNITS = {
  W: ['kW', 1000],
  Wh: ['kWh', 1000],
  var: ['kvar', 1000],
  varh: ['kvarh', 1000],
  VA: ['kVA', 1000],
  V: ['V', 1],
  A: ['A', 1],
  Hz: ['Hz', 1],
  '%': ['%', 1],
  '1': ['1', 1],
  '°C': ['Celsius', 1],
  Ah: ['Ah', 1],
  '°': ['Degree', 1],
  rpm: ['rpm', 1],
  mA: ['mA', 1],
  kΩ: ['kOhm', 1],
  s: ['s', 1],
  min: ['min', 1],
  h: ['h', 1],
} as const satisfies Readonly<Record<string, readonly [metricUnit: string, divisor: number]>>;

export const STORED_UNITS = Object.keys(METRIC_UNITS) as readonly StoredUnit[];

/** A quantity whose values may be averaged. */
export function gauge(name: Quantity, unit: StoredUnit, metricKey: string, displayName: string): QuantityDefinition {
  const [metricUnit, divisor] = METRIC_UNITS[unit];
  return { name, unit, metricKey, metricUnit, divisor, displayName, kind: 'gauge' };
}

/** An enumeration or a word of bits, exported as the number the device gives. */
export function state(name: Quantity, metricKey: string, displayName: string): QuantityDefinition {
  return { ...gauge(name, '1', metricKey, displayName), kind: 'state' };
}

/** 1 to `last`. */
export function numbers(last: number): readonly number[] {
  return Array.from({ length: last }, (_, i) => i + 1);
}

export const PHASES = ['l1', 'l2', 'l3'] as const;
