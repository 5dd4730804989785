import { describe, expect, it } from 'vitest';
import { refuseUnknownDevice } from '../../../src/commands/known-device.ts';
import { GatewayError } from '../../../src/model/error.ts';
import type { Inspector } from '../../../src/queue/inspector.ts';

describe('a device that is asked for', () => {
  it.each([['inverter'], [undefined]])('is taken where something is stored of it: %s', (device) => {
    expect(() => refuseUnknownDevice(device, { devices: () => ['grid-meter', 'inverter'] })).not.toThrow();
  });

  it('is refused with the name that was meant and all that are known, where nothing is', () => {
    expect(refusal('gird-meter', { devices: () => ['attic', 'grid-meter', 'inverter'] })).toMatchObject({
      message: 'nothing was ever stored of a device "gird-meter"; did you mean grid-meter?',
      hint: 'The devices are: attic, grid-meter, inverter.',
      exitCode: 1,
    });
    expect(refusal('car', { devices: () => ['grid-meter'] }).message).toBe('nothing was ever stored of a device "car"');
  });

  it('is refused with twenty names where there are more', () => {
    const names = Array.from({ length: 30 }, (_, i) => `plug-${i}`);
    expect(refusal('car', { devices: () => names }).hint).toMatch(/plug-0, .* and 10 more\.$/);
  });

  it('is taken while nothing is stored at all', () => {
    expect(() => refuseUnknownDevice('grid-meter', { devices: () => [] })).not.toThrow();
  });
});

function refusal(device: string, inspector: Pick<Inspector, 'devices'>): GatewayError {
  try {
    refuseUnknownDevice(device, inspector);
  } catch (error) {
    if (error instanceof GatewayError) return error;
    throw error;
  }
  throw new Error(`${device} was taken`);
}
