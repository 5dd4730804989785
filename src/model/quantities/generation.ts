/** PV generation: the whole, its trackers and its strings. Powers are never negative. */
import { gauge, numbers, type QuantityDefinition } from './definition.ts';

export const GENERATION: readonly QuantityDefinition[] = [
  gauge('pv.power', 'W', 'pv.power', 'PV power'),
  gauge('pv.current', 'A', 'pv.current', 'PV current'),
  gauge('pv.external.power', 'W', 'pv.external.power', 'PV power of another inverter'),
  ...numbers(16).flatMap((n) => [
    gauge(`pv.${n}.power`, 'W', `pv.tracker${n}.power`, `PV power ${n}`),
    gauge(`pv.${n}.voltage`, 'V', `pv.tracker${n}.voltage`, `PV voltage ${n}`),
    gauge(`pv.${n}.current`, 'A', `pv.tracker${n}.current`, `PV current ${n}`),
    gauge(`pv.${n}.energy.total`, 'Wh', `pv.tracker${n}.energy.total`, `PV energy ${n}`),
    gauge(`pv.${n}.energy.today`, 'Wh', `pv.tracker${n}.energy.today`, `PV energy ${n}, today`),
  ]),
  gauge('pv.1.voltage.slave', 'V', 'pv.tracker1.slave_voltage', 'PV voltage 1, second measurement'),
  gauge('pv.1.current.slave', 'A', 'pv.tracker1.slave_current', 'PV current 1, second measurement'),
  ...numbers(8).flatMap((n) => [
    gauge(`pv.string.${n}.voltage`, 'V', `pv.string${n}.voltage`, `PV string voltage ${n}`),
    gauge(`pv.string.${n}.current`, 'A', `pv.string${n}.current`, `PV string current ${n}`),
  ]),
  ...(['total', 'today', 'month', 'year'] as const).map((span) =>
    gauge(
      `energy.generated.${span}`,
      'Wh',
      `pv.energy.generated.${span}`,
      span === 'total' ? 'Energy generated' : `Energy generated, ${span}`,
    ),
  ),
];
