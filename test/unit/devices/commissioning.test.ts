import { describe, expect, it } from 'vitest';
import { commissioning } from '../../../src/devices/commissioning.ts';

const found = (values: Readonly<Record<string, number>>): string[] =>
  commissioning(new Map(Object.entries(values))).map(({ quantity, message }) => `${quantity}: ${message}`);

describe('a look at the signs of an installation', () => {
  it.each([
    ['PV feeds the house and the grid', { 'pv.power': 4_000, 'load.power': 500, 'grid.power': -3_450 }],
    ['the house draws at night', { 'pv.power': 0, 'load.power': 800, 'grid.power': 820 }],
    ['PV charges the battery', { 'pv.power': 4_000, 'load.power': 500, 'grid.power': -1_000, 'battery.power': 2_400 }],
    ['the battery feeds the house', { 'pv.power': 0, 'load.power': 900, 'grid.power': 0, 'battery.power': -950 }],
    ['next to nothing happens', { 'pv.power': 20, 'load.power': 150, 'grid.power': -100 }],
    ['there is too little to tell', { 'pv.power': 4_000, 'battery.power': 3_500 }],
    ['the house draws a little in the sun', { 'pv.power': 2_000, 'load.power': 2_900, 'grid.power': 900 }],
    ['PV feeds the grid and nobody tells the load', { 'pv.power': 4_000, 'grid.power': -3_500 }],
  ])('finds nothing wrong when %s', (_, values) => {
    expect(found(values)).toEqual([]);
  });

  it('finds a grid power that is the wrong way round', () => {
    expect(found({ 'pv.power': 4_000, 'load.power': 500, 'grid.power': 3_450 })).toEqual([
      'grid.power: PV gives 4000 W and the house takes 500 W, yet the grid power is 3450 W: its sign is the other way round. Is a clamp the wrong way round? If not, set `invert: [grid.*power]` at the device.',
    ]);
  });

  it.each([
    ['nobody tells the load', {}],
    ['the inverter works the load out from the same clamp', { 'load.power': 7_450 }],
  ])('asks whether the grid power is the wrong way round when it is positive in the sun, and %s', (_, load) => {
    expect(found({ 'pv.power': 4_000, 'grid.power': 3_450, ...load })).toEqual([
      expect.stringMatching(
        /^grid\.power: PV gives 4000 W and yet 3450 W are drawn from the grid\. Unless something large runs/,
      ),
    ]);
  });

  it('finds a battery power that is the wrong way round', () => {
    const values = { 'pv.power': 4_000, 'load.power': 500, 'grid.power': -1_000, 'battery.power': -2_450 };
    expect(found(values)).toEqual([
      "battery.power: The powers fit only if the battery's -2450 W have the other sign. Is a clamp the wrong way round? If not, set `invert: [battery.power]` at the device.",
    ]);
  });

  it('finds a negative PV power, whatever else there is', () => {
    expect(found({ 'pv.power': -3_000 })).toEqual([
      'pv.power: PV power is negative: its sign is the other way round. Is a clamp the wrong way round? If not, set `invert: [pv.*power]` at the device.',
    ]);
  });

  it('says so when the powers do not fit whatever their signs', () => {
    expect(found({ 'pv.power': 4_000, 'load.power': 500, 'grid.power': -200 })[0]).toContain('do not fit together');
  });
});
