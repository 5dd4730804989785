/** What consumes: the house, single appliances behind a plug or a sub-meter, and chargers of cars. */
import { gauge, PHASES, state, type QuantityDefinition } from './definition.ts';

export const CONSUMPTION: readonly QuantityDefinition[] = [
  gauge('load.power', 'W', 'load.power', 'House consumption'),
  ...(['total', 'today', 'month', 'year'] as const).map((span) =>
    gauge(
      `energy.load.${span}`,
      'Wh',
      `load.energy.${span}`,
      span === 'total' ? 'Energy consumed' : `Energy consumed, ${span}`,
    ),
  ),
  gauge('consumer.power', 'W', 'consumer.power.active', 'Power of a consumer'),
  gauge('consumer.reactive', 'var', 'consumer.power.reactive', 'Reactive power of a consumer'),
  gauge('consumer.apparent', 'VA', 'consumer.power.apparent', 'Apparent power of a consumer'),
  gauge('consumer.powerFactor', '1', 'consumer.power.factor', 'Power factor of a consumer'),
  gauge('consumer.voltage', 'V', 'consumer.voltage', 'Voltage at a consumer'),
  gauge('consumer.current', 'A', 'consumer.current', 'Current of a consumer'),
  gauge('consumer.frequency', 'Hz', 'consumer.frequency', 'Frequency at a consumer'),
  gauge('consumer.energy.total', 'Wh', 'consumer.energy.total', 'Energy of a consumer'),
  gauge('consumer.energy.today', 'Wh', 'consumer.energy.today', 'Energy of a consumer, today'),
  gauge('consumer.energy.returned', 'Wh', 'consumer.energy.returned', 'Energy returned by a consumer'),
  gauge('consumer.temperature', '°C', 'consumer.temperature', 'Temperature of a switch'),
  state('consumer.on', 'consumer.on', 'Consumer switched on'),
  gauge('charger.power', 'W', 'charger.power', 'Charging power'),
  gauge('charger.energy.total', 'Wh', 'charger.energy.total', 'Energy charged into cars'),
  gauge('charger.energy.session', 'Wh', 'charger.energy.session', 'Energy charged in this session'),
  gauge('charger.current.limit', 'A', 'charger.current.limit', 'Allowed charging current'),
  state('charger.state', 'charger.state', 'State of the charger'),
  state('charger.error', 'charger.error', 'Error of the charger'),
  ...PHASES.flatMap((phase) => [
    gauge(`charger.${phase}.power`, 'W', `charger.power.${phase}`, `Charging power ${phase.toUpperCase()}`),
    gauge(`charger.${phase}.voltage`, 'V', `charger.voltage.${phase}`, `Charger voltage ${phase.toUpperCase()}`),
    gauge(`charger.${phase}.current`, 'A', `charger.current.${phase}`, `Charging current ${phase.toUpperCase()}`),
  ]),
];
