/** Batteries: the whole and its packs. Power and current are positive when the battery is being charged. */
import { gauge, numbers, type QuantityDefinition } from './definition.ts';

export const BATTERY: readonly QuantityDefinition[] = [
  ...pack('battery', 'battery', 'Battery'),
  gauge('battery.power.charge', 'W', 'battery.power.charge', 'Battery power, charging'),
  gauge('battery.power.discharge', 'W', 'battery.power.discharge', 'Battery power, discharging'),
  gauge('battery.capacity', 'Ah', 'battery.capacity', 'Battery capacity'),
  gauge('battery.packs', '1', 'battery.packs', 'Battery packs'),
  ...numbers(8).flatMap((n) => pack(`battery.${n}`, `battery.pack${n}`, `Battery ${n}`)),
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
