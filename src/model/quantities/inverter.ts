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
  ...PHASES.flatMap((phase) => {
    const name = phase.toUpperCase();
    return [
      gauge(`eps.${phase}.reactive`, 'var', `inverter.eps.reactive.${phase}`, `Backup reactive power ${name}`),
      gauge(`eps.${phase}.apparent`, 'VA', `inverter.eps.apparent.${phase}`, `Backup apparent power ${name}`),
      gauge(`eps.${phase}.peakRatio`, '1', `inverter.eps.peak_ratio.${phase}`, `Backup peak ratio ${name}`),
      gauge(`eps.${phase}.loadVoltage`, 'V', `inverter.eps.load_voltage.${phase}`, `Emergency load voltage ${name}`),
    ];
  }),
  ...(['l1', 'l2'] as const).flatMap((leg) => {
    const name = leg.toUpperCase();
    return [
      gauge(`split.${leg}.voltage`, 'V', `inverter.split.voltage.${leg}`, `Split phase voltage ${name}`),
      gauge(`split.${leg}.current`, 'A', `inverter.split.current.${leg}`, `Split phase current ${name}`),
      gauge(`split.${leg}.power`, 'W', `inverter.split.power.${leg}`, `Split phase power ${name}`),
      gauge(`split.${leg}.ctCurrent`, 'A', `inverter.split.ct_current.${leg}`, `Split phase clamp current ${name}`),
      gauge(`split.${leg}.gridPower`, 'W', `inverter.split.grid_power.${leg}`, `Split phase grid power ${name}`),
    ];
  }),
  gauge('eps.power', 'W', 'inverter.eps.power', 'Backup power'),
  gauge('eps.reactive', 'var', 'inverter.eps.reactive', 'Backup reactive power'),
  gauge('eps.apparent', 'VA', 'inverter.eps.apparent', 'Backup apparent power'),
  gauge('eps.voltage', 'V', 'inverter.eps.voltage', 'Backup voltage'),
  gauge('eps.frequency', 'Hz', 'inverter.eps.frequency', 'Backup frequency'),
  gauge('dc.bus.voltage', 'V', 'inverter.dc.voltage', 'DC bus voltage'),
  gauge('dc.bus.positive.voltage', 'V', 'inverter.dc.positive_voltage', 'DC bus voltage, positive'),
  gauge('dc.bus.negative.voltage', 'V', 'inverter.dc.negative_voltage', 'DC bus voltage, negative'),
  gauge('dc.voltage', 'V', 'inverter.dc.input_voltage', 'DC voltage'),
  gauge('dc.injection', 'mA', 'inverter.dc.injection', 'DC injected into the grid'),
  gauge('dc.llc.voltage', 'V', 'inverter.dc.llc_voltage', 'LLC bus voltage'),
  gauge('dc.llc.current', 'A', 'inverter.dc.llc_current', 'LLC current'),
  gauge('dc.buck.current', 'A', 'inverter.dc.buck_current', 'Buck current'),
  // No document states their unit.
  gauge('dc.insulation.pv1', '1', 'inverter.dc.insulation_pv1', 'Insulation PV1+ to ground'),
  gauge('dc.insulation.pv2', '1', 'inverter.dc.insulation_pv2', 'Insulation PV2+ to ground'),
  gauge('dc.insulation.negative', '1', 'inverter.dc.insulation_negative', 'Insulation PV- to ground'),
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
