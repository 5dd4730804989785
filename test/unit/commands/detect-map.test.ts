import { describe, expect, it } from 'vitest';
import { detectMap, type Detection } from '../../../src/commands/detect-map.ts';
import { profileFolders, profileNames } from '../../../src/config/profile-file.ts';
import { findProfile } from '../../../src/config/profile-file.ts';
import { modbusScene } from '../../support/modbus-scene.ts';
import { deviceWith, wordsFrom, type SimulatedDevice } from '../../support/simulated-line.ts';

const PROFILES = profileNames(profileFolders('.')).flatMap((name) => {
  const data = findProfile(name, profileFolders('.'))?.data;
  return data?.kind === 'registers' ? [data] : [];
});

function detect(device: SimulatedDevice): Promise<Detection> {
  const { bus, soon } = modbusScene({ 1: device });
  return soon(detectMap(bus, 1, PROFILES));
}

function text(address: number, serial: string): Map<number, number> {
  return wordsFrom(address, Buffer.from(serial.padEnd(16, '\0')).toString('hex'));
}

const block = (start: number, count: number): [number, number][] =>
  Array.from({ length: count }, (_, i) => [start + i, 0]);
const HYBRID = new Map([...block(0x0200, 86), [0x020c, 5_001] as const, ...text(0x2001, 'ZE1ES00012345')]);
const G3 = new Map([
  ...block(0x0404, 60),
  ...block(0x0484, 60),
  [0x0484, 4_998] as const,
  ...text(0x0445, 'SP1ES120N6'),
]);

describe('the register map of a device', () => {
  it.each([
    ['zcs-hybrid-es', HYBRID, 'ZE1ES00012345'],
    ['sofar-g3', G3, 'SP1ES120N6'],
  ])('is told by a frequency where the map has it, and by the serial number: %s', async (name, words, serial) => {
    expect(await detect(deviceWith(words))).toMatchObject({ kind: 'found', profile: { name }, serial });
  });

  it('is found although the serial number begins as another map has it: the values decide', async () => {
    const words = new Map([...HYBRID, ...text(0x2001, 'SH1ES120000000')]);
    expect(await detect(deviceWith(words))).toMatchObject({ kind: 'found', profile: { name: 'zcs-hybrid-es' } });
  });

  it('is not believed from a value that was in range for a moment', async () => {
    let asked = 0;
    const flapping: SimulatedDevice = {
      ...deviceWith(HYBRID),
      word: (address) => (address === 0x020c && asked++ === 0 ? 5_001 : 0),
    };
    expect(await detect(flapping)).toEqual({ kind: 'unknown' });
  });

  it('is that of SunSpec where there is a marker', async () => {
    const words = new Map(wordsFrom(40_000, '53756e53'));
    expect(await detect(deviceWith(words))).toMatchObject({ kind: 'found', profile: { name: 'sunspec' } });
  });

  it('is found although the first answer came spoilt, as it may when a port was just opened', async () => {
    let nth = 0;
    const device = deviceWith(HYBRID);
    const noisy: SimulatedDevice = {
      ...device,
      behave: (request) => (nth++ === 0 ? { afterMs: 20, spoil: 'checksum' } : device.behave(request)),
    };
    expect(await detect(noisy)).toMatchObject({ kind: 'found', profile: { name: 'zcs-hybrid-es' } });
  });

  it.each<[Detection['kind'], SimulatedDevice]>([
    ['silent', deviceWith(HYBRID, () => false)],
    ['silent', { word: () => 0, behave: () => ({ afterMs: 20, exception: 0x0b }) }],
    ['garbled', { word: () => 0, behave: () => ({ afterMs: 20, spoil: 'checksum' }) }],
    ['unknown', deviceWith(new Map(block(0x7000, 10)))],
  ])('is none of a device that is %s', async (kind, device) => {
    expect(await detect(device)).toEqual({ kind });
  });
});
