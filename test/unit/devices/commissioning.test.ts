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
    ['there is too little to tell', { 'pv.power': 4_000, 'grid.power': 3_500 }],
  ])('finds nothing wrong when %s', (_, values) => {
    expect(found(values)).toEqual([]);
  });

  it('finds a grid power that is the wrong way round', () => {
    expect(found({ 'pv.power': 4_000, 'load.power': 500, 'grid.power': 3_450 })).toEqual([
      'grid.power: PV gives 4000 W and the house takes 500 W, yet the grid power is 3450 W: its sign is the other way round.',
    ]);
  });

  it('finds a battery power that is the wrong way round', () => {
    const values = { 'pv.power': 4_000, 'load.power': 500, 'grid.power': -1_000, 'battery.power': -2_450 };
    expect(found(values)).toEqual(["battery.power: The powers fit only if the battery's -2450 W have the other sign."]);
  });

  it('finds a negative PV power, whatever else there is', () => {
    expect(found({ 'pv.power': -3_000 })).toEqual(['pv.power: PV power is negative: its sign is the other way round.']);
  });

  it('says so when the powers do not fit whatever their signs', () => {
    expect(found({ 'pv.power': 4_000, 'load.power': 500, 'grid.power': -200 })[0]).toContain('do not fit together');
  });
});
