import { describe, expect, it } from 'vitest';
import { refuseUnknownDevice } from '../../../src/commands/known-device.ts';
import { GatewayError } from '../../../src/model/error.ts';
import { storedDevices } from '../../support/stored-devices.ts';

describe('a device that is asked for', () => {
  it.each([['inverter'], ['of-a-letter'], [undefined]])('is taken where something is stored of it: %s', (device) => {
    expect(() => refuseUnknownDevice(device, storedDevices(['grid-meter', 'inverter'], ['of-a-letter']))).not.toThrow();
  });

  it('is refused with the name that was meant and all that are known, where nothing is', () => {
    expect(refusal('gird-meter', storedDevices(['inverter', 'grid-meter'], ['grid-meter', 'attic']))).toMatchObject({
      message: 'nothing is stored of a device "gird-meter"; did you mean grid-meter?',
      hint: 'The devices are: attic, grid-meter, inverter.',
      exitCode: 1,
    });
    expect(refusal('car', storedDevices(['grid-meter'])).message).toBe('nothing is stored of a device "car"');
  });

  it('is refused with twenty names where there are more', () => {
    const names = Array.from({ length: 30 }, (_, i) => `plug-${i}`);
    expect(refusal('car', storedDevices(names)).hint).toMatch(/plug-0, .* and 10 more\.$/);
  });

  it('is taken while nothing is stored at all', () => {
    expect(() => refuseUnknownDevice('grid-meter', storedDevices([]))).not.toThrow();
  });
});

function refusal(device: string, inspector: ReturnType<typeof storedDevices>): GatewayError {
  try {
    refuseUnknownDevice(device, inspector);
  } catch (error) {
    if (error instanceof GatewayError) return error;
    throw error;
  }
  throw new Error(`${device} was taken`);
}
