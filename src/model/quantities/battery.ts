/** Batteries: the whole and its packs. Power and current are positive when the battery is being charged. */
import { gauge, numbers, state, type QuantityDefinition } from './definition.ts';

export const BATTERY: readonly QuantityDefinition[] = [
  ...pack('battery', 'battery', 'Battery'),
  gauge('battery.power.charge', 'W', 'battery.power.charge', 'Battery power, charging'),
  gauge('battery.power.discharge', 'W', 'battery.power.discharge', 'Battery power, discharging'),
  gauge('battery.capacity', 'Ah', 'battery.capacity', 'Battery capacity'),
  gauge('battery.packs', '1', 'battery.packs', 'Battery packs'),
  ...numbers(8).flatMap((n) => [
    ...pack(`battery.${n}`, `battery.pack${n}`, `Battery ${n}`),
    gauge(`battery.${n}.limit.charge`, 'A', `battery.pack${n}.limit.charge`, `Battery ${n} limit of charging`),
    gauge(`battery.${n}.limit.discharge`, 'A', `battery.pack${n}.limit.discharge`, `Battery ${n} limit of discharging`),
    state(`battery.${n}.state`, `battery.pack${n}.state`, `State of battery ${n}`),
  ]),
  state('battery.type', 'battery.type', 'Type of the battery'),
  gauge('battery.limit.charge', 'A', 'battery.limit.charge', 'Limit of charging'),
  gauge('battery.limit.discharge', 'A', 'battery.limit.discharge', 'Limit of discharging'),
  gauge('battery.limit.voltage.charge', 'V', 'battery.limit.charge_voltage', 'Highest charging voltage'),
  gauge('battery.limit.voltage.over', 'V', 'battery.limit.over_voltage', 'Protection against high voltage'),
  gauge('battery.limit.voltage.discharge', 'V', 'battery.limit.discharge_voltage', 'Lowest discharging voltage'),
  gauge('battery.limit.voltage.under', 'V', 'battery.limit.under_voltage', 'Protection against low voltage'),
  gauge('battery.limit.voltage.empty', 'V', 'battery.limit.empty_voltage', 'Voltage of an empty battery'),
  gauge('battery.limit.voltage.full', 'V', 'battery.limit.full_voltage', 'Voltage of a full battery'),
  gauge('battery.limit.depth', '%', 'battery.limit.depth', 'Depth of discharge'),
  gauge('battery.limit.period', 'h', 'battery.limit.period', 'Period of discharge'),
  ...(['total', 'today', 'month', 'year'] as const).flatMap((span) => {
    const when = span === 'total' ? '' : `, ${span}`;
    return [
      gauge(`energy.battery.charge.${span}`, 'Wh', `battery.energy.charge.${span}`, `Battery energy charged${when}`),
      gauge(
        `energy.battery.discharge.${span}`,
        'Wh',
        `battery.energy.discharge.${span}`,
        `Battery energy discharged${when}`,
      ),
    ];
  }),
];

function pack(name: string, key: string, display: string): QuantityDefinition[] {
  return [
    gauge(`${name}.power`, 'W', `${key}.power`, `${display} power, charging positive`),
    gauge(`${name}.voltage`, 'V', `${key}.voltage`, `${display} voltage`),
    gauge(`${name}.current`, 'A', `${key}.current`, `${display} current, charging positive`),
    gauge(`${name}.soc`, '%', `${key}.soc`, `${display} state of charge`),
    gauge(`${name}.soh`, '%', `${key}.soh`, `${display} state of health`),
    gauge(`${name}.cycles`, '1', `${key}.cycles`, `${display} cycles`),
    gauge(`${name}.temperature`, '°C', `${key}.temperature`, `${display} temperature`),
  ];
}
