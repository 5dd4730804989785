/**
 * The canonical quantities: what devices measure, in the unit they are stored in, and the metric each becomes.
 * Signs: grid + = import, battery + = charging. Keys and factors of the ten AMIS metrics are those of existing tenants
 * and never change.
 */
import type { Quantity } from './reading.ts';

export interface QuantityDefinition {
  readonly name: Quantity;
  /** Unit of the stored value. */
  readonly unit: string;
  readonly metricKey: string;
  readonly metricUnit: string;
  /** A stored value is divided by this to give the metric's value (a division keeps 501 W an exact 0.501 kW). */
  readonly divisor: number;
  readonly displayName: string;
  /** `gauge` may be averaged within a minute; of a `state` (enumeration, bit field) only the last value counts. */
  readonly kind: 'gauge' | 'state';
}

export const QUANTITIES: readonly QuantityDefinition[] = [
  gauge(
    'energy.active.import',
    'Wh',
    'smartmeter.energy.active.import.total',
    'kWh',
    1000,
    'Energy drawn from the grid',
  ),
  gauge('energy.active.export', 'Wh', 'smartmeter.energy.active.export.total', 'kWh', 1000, 'Energy fed into the grid'),
  gauge(
    'energy.reactive.import',
    'varh',
    'smartmeter.energy.reactive.import.total',
    'kvarh',
    1000,
    'Reactive energy, import',
  ),
  gauge(
    'energy.reactive.export',
    'varh',
    'smartmeter.energy.reactive.export.total',
    'kvarh',
    1000,
    'Reactive energy, export',
  ),
  gauge('power.active.import', 'W', 'smartmeter.power.active.import', 'kW', 1000, 'Power drawn from the grid'),
  gauge('power.active.export', 'W', 'smartmeter.power.active.export', 'kW', 1000, 'Power fed into the grid'),
  gauge('power.reactive.import', 'var', 'smartmeter.power.reactive.import', 'kvar', 1000, 'Reactive power, import'),
  gauge('power.reactive.export', 'var', 'smartmeter.power.reactive.export', 'kvar', 1000, 'Reactive power, export'),
  gauge('power.active.saldo', 'W', 'smartmeter.power.active.saldo', 'kW', 1000, 'Power balance at the grid connection'),
  gauge('energy.inkasso', 'Wh', 'smartmeter.inkasso', 'Wh', 1, 'Prepayment counter'),
];

const BY_NAME: ReadonlyMap<Quantity, QuantityDefinition> = new Map(QUANTITIES.map((q) => [q.name, q]));

/** The definition of a quantity, or undefined when this program does not know it. */
export function quantityDefinition(name: Quantity): QuantityDefinition | undefined {
  return BY_NAME.get(name);
}

function gauge(
  name: Quantity,
  unit: string,
  metricKey: string,
  metricUnit: string,
  divisor: number,
  displayName: string,
): QuantityDefinition {
  return { name, unit, metricKey, metricUnit, divisor, displayName, kind: 'gauge' };
}
