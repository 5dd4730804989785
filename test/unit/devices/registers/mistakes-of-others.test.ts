/** Errors that other projects made with these devices, some of them for years; none may be made here. */
import { describe, expect, it } from 'vitest';
import {
  decode,
  DEVICE,
  float,
  pair,
  pollOf,
  registerProfile,
  registerProfileData,
  valuesOf,
} from '../../../support/register-poll.ts';

/** Values of a profile of which only these words are not zero. */
function read(name: string, words: Readonly<Record<number, number>>): Readonly<Record<string, number | undefined>> {
  return valuesOf(decode(registerProfile(name), pollOf(name, words)));
}

describe('an old hybrid (ZCS 3000SP, Sofar HYD-ES)', () => {
  const NORMAL = { 0x0200: 2 };

  it('has its grid power in one signed word in 10 W, + being export: no 32 bits, and turned to + = import', () => {
    expect(read('zcs-hybrid-es', { ...NORMAL, 0x0212: 0xff83, 0x0213: 0x0042 })).toMatchObject({
      'grid.power': 1_250,
      'load.power': 660,
    });
    expect(read('zcs-hybrid-es', { ...NORMAL, 0x0212: 125 })).toMatchObject({ 'grid.power': -1_250 });
  });

  it('counts a battery that is charged as positive, as we do', () => {
    expect(read('zcs-hybrid-es', { ...NORMAL, 0x020d: 100 })).toMatchObject({ 'battery.power': 1_000 });
    expect(read('zcs-hybrid-es', { ...NORMAL, 0x020d: 0xff9c })).toMatchObject({ 'battery.power': -1_000 });
  });

  it('has its PV power in 10 W, not in kW', () => {
    expect(read('zcs-hybrid-es', { ...NORMAL, 0x0215: 312 })).toMatchObject({ 'pv.power': 3_120 });
  });

  it('is at fault in state 4, and not discharging as an ME3000SP would be', () => {
    expect(registerProfile('zcs-hybrid-es').describe?.(DEVICE, 'device.state', 4)).toBe('fault');
  });

  it('is read with function code 3; its power has a scale', () => {
    const grid = registerProfileData('zcs-hybrid-es').registers.find(({ quantity }) => quantity === 'grid.power');
    expect(grid).toMatchObject({ fc: 3, address: 0x0212, type: 's16', scale: -10 });
  });

  it('has its health at 0x0237, which is no battery power', () => {
    expect(read('zcs-hybrid-es', { ...NORMAL, 0x0237: 98 })).toMatchObject({ 'battery.soh': 98, 'battery.power': 0 });
  });

  it('has the energy of its life in two words of whole kWh, not in the counter of the day', () => {
    const values = read('zcs-hybrid-es', { ...NORMAL, ...pair(0x021c, 12_345), 0x0218: 1_234 });
    expect(values).toMatchObject({ 'energy.generated.total': 12_345_000, 'energy.generated.today': 12_340 });
  });
});

describe('a G3 (ZCS HYD-ZSS, KTL-V3)', () => {
  const FEEDING = { 0x0404: 2 };

  it('has the power of PV 4 at 0x058F and of PV 6 at 0x0595, one behind the currents', () => {
    const values = read('sofar-g3', { ...FEEDING, 0x058e: 111, 0x058f: 222, 0x0594: 333, 0x0595: 444 });
    expect(values).toMatchObject({
      'pv.4.current': 1.11,
      'pv.4.power': 2_220,
      'pv.6.current': 3.33,
      'pv.6.power': 4_440,
    });
  });

  it('has the energy of its life at 0x0686, 0.1 kWh in two words; 0x0683 and 0x0685 tell nothing of their own', () => {
    const values = read('sofar-g3', { ...FEEDING, ...pair(0x0684, 239), ...pair(0x0686, 123_456) });
    expect(values).toMatchObject({ 'energy.generated.today': 2_390, 'energy.generated.total': 12_345_600 });
    const addresses = registerProfileData('sofar-g3').registers.map(({ address }) => address);
    expect(addresses).not.toContain(0x0683);
    expect(addresses).not.toContain(0x0685);
  });

  it('runs on its emergency supply in state 3, which is no fault', () => {
    const profile = registerProfile('sofar-g3');
    expect(profile.describe?.(DEVICE, 'device.state', 3)).toBe('emergency power supply (EPS)');
    expect(profile.describe?.(DEVICE, 'device.state', 4)).toMatch(/fault/);
  });

  it('calls export positive, on each phase and in all: turned to + = import', () => {
    const values = read('sofar-g3', { ...FEEDING, 0x0488: 125, 0x0493: 50, 0x049e: 40, 0x04a9: 35 });
    expect(values).toMatchObject({
      'grid.power': -1_250,
      'grid.l1.power': -500,
      'grid.l2.power': -400,
      'grid.l3.power': -350,
    });
  });

  it('has bought what we call import, and sold what we call export', () => {
    const values = read('sofar-g3', { ...FEEDING, ...pair(0x068e, 10), ...pair(0x0692, 20) });
    expect(values).toMatchObject({ 'energy.active.import': 1_000, 'energy.active.export': 2_000 });
  });

  it('says nothing of the grid without a meter, where all it has is zeros', () => {
    const values = read('sofar-g3', { ...FEEDING, 0x0485: 300, 0x0484: 5_000 });
    expect(values).toMatchObject({ 'power.active': 3_000 });
    expect(
      Object.keys(values).filter((name) => /^grid\.(l\d\.)?power$|^energy\.active\.(im|ex)port$/.test(name)),
    ).toEqual([]);
  });
});

describe('an old string inverter', () => {
  it('counts its life in whole kWh, the high word first, and its day in 10 Wh', () => {
    const values = read('zcs-string-1ph', { 0: 2, ...pair(0x0015, 70_000), 0x0019: 1_234 });
    expect(values).toMatchObject({ 'energy.generated.total': 70_000_000, 'energy.generated.today': 12_340 });
  });

  it('has its power in 10 W', () => {
    expect(read('sofar-ktlx-3ph', { 0: 2, 0x000c: 512 })).toMatchObject({ 'power.active': 5_120 });
  });
});

describe('an Eastron meter', () => {
  it.each(['sdm630', 'sdm120'])('is read where its values are, and not one register beside: %s', (name) => {
    const values = read(name, {
      ...float(0x0000, 231.5),
      ...float(0x0046, 50.02),
      ...float(0x0048, 1_234.5),
      ...float(0x004a, 99.25),
    });
    expect(values['grid.l1.voltage']).toBeCloseTo(231.5);
    expect(values['grid.frequency']).toBeCloseTo(50.02);
    expect(values['energy.active.import']).toBe(1_234_500);
    expect(values['energy.active.export']).toBe(99_250);
  });

  it('has the power of all phases at 0x0034', () => {
    expect(read('sdm630', { ...float(0x0034, -1_234), ...float(0x0046, 50) })).toMatchObject({ 'grid.power': -1_234 });
  });

  it('is read with function code 4: with 3 the same addresses are settings', () => {
    for (const name of ['sdm630', 'sdm120'])
      expect(new Set(registerProfileData(name).registers.map(({ fc }) => fc))).toEqual(new Set([4]));
  });
});

describe('an SMA', () => {
  it('has no power at night, not -2147483648 W', () => {
    const values = read('sma', { ...pair(30_775, 0x8000_0000), ...pair(30_529, 5_000) });
    expect(values).not.toHaveProperty('power.active');
  });
});
