/** What is measured at the grid connection beside the AMIS reader's ten. Powers are positive when energy comes from the grid. */
import { gauge, numbers, PHASES, type QuantityDefinition } from './definition.ts';

export const GRID: readonly QuantityDefinition[] = [
  gauge('grid.power', 'W', 'smartmeter.power.active.net', 'Power at the grid connection, import positive'),
  gauge('grid.reactive', 'var', 'smartmeter.power.reactive.net', 'Reactive power at the grid connection'),
  gauge('grid.apparent', 'VA', 'smartmeter.power.apparent', 'Apparent power at the grid connection'),
  gauge('grid.powerFactor', '1', 'smartmeter.power.factor', 'Power factor at the grid connection'),
  gauge('grid.frequency', 'Hz', 'smartmeter.frequency', 'Grid frequency'),
  gauge('grid.current', 'A', 'smartmeter.current', 'Current at the grid connection'),
  // Of machines so large that their finer register overflows.
  gauge('grid.power.coarse', 'W', 'smartmeter.power.active.net_coarse', 'Power at the grid connection, coarse'),
  gauge('grid.phaseAngle', '°', 'smartmeter.phase_angle', 'Phase angle at the grid connection'),
  gauge('grid.thd', '%', 'smartmeter.thd', 'Harmonic distortion'),
  gauge('energy.active.sum', 'Wh', 'smartmeter.energy.active.sum.total', 'Energy in both directions'),
  gauge('energy.reactive.sum', 'varh', 'smartmeter.energy.reactive.sum.total', 'Reactive energy in both directions'),
  // Where a meter tells its tariffs one by one, nobody but the sink can add them up.
  ...numbers(2).flatMap((n) => [
    gauge(
      `energy.active.import.t${n}`,
      'Wh',
      `smartmeter.energy.active.import.tariff${n}`,
      `Energy drawn, tariff ${n}`,
    ),
    gauge(
      `energy.active.export.t${n}`,
      'Wh',
      `smartmeter.energy.active.export.tariff${n}`,
      `Energy fed in, tariff ${n}`,
    ),
  ]),
  ...PHASES.flatMap(ofPhase),
  gauge('grid.l1l2.voltage', 'V', 'smartmeter.voltage.l1l2', 'Voltage between L1 and L2'),
  gauge('grid.l2l3.voltage', 'V', 'smartmeter.voltage.l2l3', 'Voltage between L2 and L3'),
  gauge('grid.l3l1.voltage', 'V', 'smartmeter.voltage.l3l1', 'Voltage between L3 and L1'),
  ...(['today', 'month', 'year'] as const).flatMap((span) => [
    gauge(`energy.active.import.${span}`, 'Wh', `smartmeter.energy.active.import.${span}`, `Energy drawn, ${span}`),
    gauge(`energy.active.export.${span}`, 'Wh', `smartmeter.energy.active.export.${span}`, `Energy fed in, ${span}`),
  ]),
];

function ofPhase(phase: (typeof PHASES)[number]): QuantityDefinition[] {
  const name = phase.toUpperCase();
  return [
    gauge(`grid.${phase}.power`, 'W', `smartmeter.power.active.net.${phase}`, `Power ${name}, import positive`),
    gauge(`grid.${phase}.power.import`, 'W', `smartmeter.power.active.import.${phase}`, `Power drawn ${name}`),
    gauge(`grid.${phase}.power.export`, 'W', `smartmeter.power.active.export.${phase}`, `Power fed in ${name}`),
    gauge(`grid.${phase}.reactive`, 'var', `smartmeter.power.reactive.net.${phase}`, `Reactive power ${name}`),
    gauge(`grid.${phase}.apparent`, 'VA', `smartmeter.power.apparent.${phase}`, `Apparent power ${name}`),
    gauge(`grid.${phase}.powerFactor`, '1', `smartmeter.power.factor.${phase}`, `Power factor ${name}`),
    gauge(`grid.${phase}.voltage`, 'V', `smartmeter.voltage.${phase}`, `Voltage ${name}`),
    gauge(`grid.${phase}.current`, 'A', `smartmeter.current.${phase}`, `Current ${name}`),
    gauge(`grid.${phase}.frequency`, 'Hz', `smartmeter.frequency.${phase}`, `Frequency ${name}`),
    gauge(`grid.${phase}.thd`, '%', `smartmeter.thd.${phase}`, `Harmonic distortion ${name}`),
    gauge(`grid.${phase}.energy.import`, 'Wh', `smartmeter.energy.active.import.${phase}`, `Energy drawn ${name}`),
    gauge(`grid.${phase}.energy.export`, 'Wh', `smartmeter.energy.active.export.${phase}`, `Energy fed in ${name}`),
    gauge(`grid.${phase}.energy.sum`, 'Wh', `smartmeter.energy.active.sum.${phase}`, `Energy both ways ${name}`),
  ];
}
