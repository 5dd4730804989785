/** The ten of the AMIS reader. Their metric keys, units and factors are those of existing tenants and never change. */
import { gauge, type QuantityDefinition } from './definition.ts';

export const METER: readonly QuantityDefinition[] = [
  gauge('energy.active.import', 'Wh', 'smartmeter.energy.active.import.total', 'Energy drawn from the grid'),
  gauge('energy.active.export', 'Wh', 'smartmeter.energy.active.export.total', 'Energy fed into the grid'),
  gauge('energy.reactive.import', 'varh', 'smartmeter.energy.reactive.import.total', 'Reactive energy, import'),
  gauge('energy.reactive.export', 'varh', 'smartmeter.energy.reactive.export.total', 'Reactive energy, export'),
  gauge('power.active.import', 'W', 'smartmeter.power.active.import', 'Power drawn from the grid'),
  gauge('power.active.export', 'W', 'smartmeter.power.active.export', 'Power fed into the grid'),
  gauge('power.reactive.import', 'var', 'smartmeter.power.reactive.import', 'Reactive power, import'),
  gauge('power.reactive.export', 'var', 'smartmeter.power.reactive.export', 'Reactive power, export'),
  gauge('power.active.saldo', 'W', 'smartmeter.power.active.saldo', 'Power balance at the grid connection'),
  // The one energy that was always sent in watt-hours.
  { ...gauge('energy.inkasso', 'Wh', 'smartmeter.inkasso', 'Prepayment counter'), metricUnit: 'Wh', divisor: 1 },
];
