import { describe, expect, it } from 'vitest';
import type { Decoded } from '../../../src/devices/profile.ts';
import { createProfile, createRegisterProfiles } from '../../../src/devices/registry.ts';
import { registerProfileData } from '../../support/register-poll.ts';

function valuesOf(decoded: Decoded): Record<string, number> {
  if (decoded.kind !== 'readings') throw new Error(decoded.reason);
  return Object.fromEntries(
    decoded.readings.flatMap(({ quantities, values }) => quantities.map((name, i) => [name, values[i] ?? Number.NaN])),
  );
}

describe('quantities that are to be inverted', () => {
  const payload = { '1.7.0': 0, '2.7.0': 3_012, saldo: -3_012 };

  it.each([
    [[], { 'power.active.import': 0, 'power.active.export': 3_012, 'power.active.saldo': -3_012 }],
    [['power.active.saldo'], { 'power.active.import': 0, 'power.active.export': 3_012, 'power.active.saldo': 3_012 }],
    [['power.*'], { 'power.active.import': 0, 'power.active.export': -3_012, 'power.active.saldo': 3_012 }],
  ])('by %j have the other sign, and the others stay', (invert, expected) => {
    const profile = createProfile({ name: 'amis', data: null }, { invert });
    expect(valuesOf(profile.decode(payload, { topic: 't', device: 'meter' }))).toEqual(expected);
  });

  it('are those of their device only, where several are on a line', () => {
    const profile = registerProfileData('zcs-hybrid-es');
    const devices = [
      { device: 'a', profile, quantities: ['grid.power'], invert: ['grid.power'] },
      { device: 'b', profile, quantities: ['grid.power'] },
    ];
    const both = createRegisterProfiles(devices);
    const poll = { mono: 0, blocks: { '3:530': 'ff83' } };
    const of = (device: string) => valuesOf(both.decode(poll, { topic: device, device }));
    expect(of('b')).toEqual({ 'grid.power': 1_250 });
    expect(of('a')).toEqual({ 'grid.power': -1_250 });
  });

  it('leave what cannot be used as it is', () => {
    const profile = createProfile({ name: 'amis', data: null }, { invert: ['*'] });
    expect(profile.decode({ x: 1 }, { topic: 't', device: 'meter' })).toMatchObject({ kind: 'refused' });
  });
});
