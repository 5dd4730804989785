/** What an inverter says of its AC side, its inside and its backup output. Powers are positive when it delivers. */
import { gauge, numbers, PHASES, type QuantityDefinition } from './definition.ts';

export const INVERTER: readonly QuantityDefinition[] = [
  gauge('power.active', 'W', 'inverter.power.active', 'Inverter power, delivering positive'),
  gauge('power.reactive', 'var', 'inverter.power.reactive', 'Inverter reactive power'),
  gauge('power.apparent', 'VA', 'inverter.power.apparent', 'Inverter apparent power'),
  gauge('power.factor', '1', 'inverter.power.factor', 'Inverter power factor'),
  gauge('power.rated', 'W', 'inverter.power.rated', 'Inverter rated power'),
  gauge('power.limit', '%', 'inverter.power.limit', 'Inverter power limit'),
  gauge('power.efficiency', '%', 'inverter.efficiency', 'Inverter efficiency'),
  gauge('ac.current', 'A', 'inverter.current', 'Inverter current'),
  ...PHASES.flatMap((phase) => {
    const name = phase.toUpperCase();
    return [
      gauge(`ac.${phase}.power`, 'W', `inverter.power.active.${phase}`, `Inverter power ${name}`),
      gauge(`ac.${phase}.reactive`, 'var', `inverter.power.reactive.${phase}`, `Inverter reactive power ${name}`),
      gauge(`ac.${phase}.powerFactor`, '1', `inverter.power.factor.${phase}`, `Inverter power factor ${name}`),
      gauge(`ac.${phase}.voltage`, 'V', `inverter.voltage.${phase}`, `Inverter voltage ${name}`),
      gauge(`ac.${phase}.current`, 'A', `inverter.current.${phase}`, `Inverter current ${name}`),
      gauge(`eps.${phase}.power`, 'W', `inverter.eps.power.${phase}`, `Backup power ${name}`),
      gauge(`eps.${phase}.voltage`, 'V', `inverter.eps.voltage.${phase}`, `Backup voltage ${name}`),
      gauge(`eps.${phase}.current`, 'A', `inverter.eps.current.${phase}`, `Backup current ${name}`),
    ];
  }),
  gauge('eps.power', 'W', 'inverter.eps.power', 'Backup power'),
  gauge('eps.voltage', 'V', 'inverter.eps.voltage', 'Backup voltage'),
  gauge('eps.frequency', 'Hz', 'inverter.eps.frequency', 'Backup frequency'),
  gauge('dc.bus.voltage', 'V', 'inverter.dc.voltage', 'DC bus voltage'),
  gauge('dc.insulation', 'kΩ', 'inverter.dc.insulation', 'Insulation resistance'),
  gauge('dc.leakage', 'mA', 'inverter.dc.leakage', 'Leakage current'),
  gauge('temperature.inner', '°C', 'inverter.temperature.inner', 'Inverter temperature, inside'),
  gauge('temperature.module', '°C', 'inverter.temperature.module', 'Inverter temperature, module'),
  ...numbers(2).map((n) =>
    gauge(`temperature.ambient.${n}`, '°C', `inverter.temperature.ambient${n}`, `Ambient temperature ${n}`),
  ),
  ...numbers(6).flatMap((n) => [
    gauge(`temperature.heatsink.${n}`, '°C', `inverter.temperature.heatsink${n}`, `Heat sink temperature ${n}`),
    gauge(`temperature.module.${n}`, '°C', `inverter.temperature.module${n}`, `Module temperature ${n}`),
  ]),
  gauge('time.generation.today', 'min', 'inverter.time.generation.today', 'Generating time, today'),
  gauge('time.generation.total', 'min', 'inverter.time.generation.total', 'Generating time'),
  gauge('time.run.total', 'min', 'inverter.time.run.total', 'Running time'),
];
