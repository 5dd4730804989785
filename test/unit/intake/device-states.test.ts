import { describe, expect, it } from 'vitest';
import type { DecodedReadings, Profile } from '../../../src/devices/profile.ts';
import { DeviceStates } from '../../../src/intake/device-states.ts';
import { registerProfile, DEVICE } from '../../support/register-poll.ts';

function reading(values: Readonly<Record<string, number>>, device = DEVICE): DecodedReadings {
  const [quantities, numbers] = [Object.keys(values), Object.values(values)];
  return {
    kind: 'readings',
    readings: [{ device, serial: null, deviceTime: null, quantities, values: numbers, part: false }],
    refusedFields: [],
  };
}

describe('the states of devices', () => {
  it('are told in the words of the profile, and kept until they change', () => {
    const states = new DeviceStates(registerProfile('zcs-hybrid-es'));
    states.observe(reading({ 'device.state': 2, 'device.fault.1': 0b11, 'grid.power': 5 }));
    states.observe(reading({ 'grid.power': 6 }));
    expect(states.list()).toEqual([
      { name: DEVICE, state: 'normal', faults: ['Grid over-voltage, Grid under-voltage'] },
    ]);
    states.observe(reading({ 'device.state': 4, 'device.fault.1': 0 }));
    expect(states.list()).toEqual([{ name: DEVICE, state: 'fault', faults: [] }]);
  });

  it('have an alarm among the faults, and what the status words say beside the state', () => {
    const hybrid = new DeviceStates(registerProfile('zcs-hybrid-es'));
    hybrid.observe(reading({ 'device.state': 2, 'device.fault.1': 1, 'device.alarm': 52 }));
    expect(hybrid.list()).toEqual([
      { name: DEVICE, state: 'normal', faults: ['Grid over-voltage', 'No communication with lithium BMS'] },
    ]);
    hybrid.observe(reading({ 'device.fault.1': 0, 'device.alarm': 0 }));
    expect(hybrid.list()).toEqual([{ name: DEVICE, state: 'normal', faults: [] }]);
    const g3 = new DeviceStates(registerProfile('sofar-g3'));
    g3.observe(reading({ 'device.state': 2, 'device.status.1': 0, 'device.status.2': 0b1000 }));
    expect(g3.list()).toEqual([{ name: DEVICE, state: 'grid-connected, Running state at night', faults: [] }]);
  });

  it('are their numbers where the profile has no words', () => {
    const states = new DeviceStates(registerProfile('zcs-hybrid-es'));
    states.observe(reading({ 'device.state': 77 }));
    expect(states.list()).toEqual([{ name: DEVICE, state: '77', faults: [] }]);
  });

  it('are none where the profile describes nothing, or the device tells none', () => {
    const plain: Profile = { name: 'plain', takesText: false, decode: () => ({ kind: 'ignored', reason: '' }) };
    for (const states of [new DeviceStates(plain), new DeviceStates(registerProfile('sdm630'))]) {
      states.observe(reading({ 'grid.power': 5 }));
      expect(states.list()).toEqual([]);
    }
  });

  it('are kept of a hundred devices at most', () => {
    const states = new DeviceStates({ ...registerProfile('sdm630'), describe: () => 'on' });
    for (let i = 0; i < 200; i++) states.observe(reading({ 'device.state': 1 }, `device-${i}`));
    expect(states.list()).toHaveLength(100);
  });
});
