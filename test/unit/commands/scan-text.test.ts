import { describe, expect, it } from 'vitest';
import type { ScanResult } from '../../../src/commands/scan-line.ts';
import { scanText } from '../../../src/commands/scan-text.ts';
import { HOUR, MINUTE } from '../../../src/model/time.ts';
import { registerProfileData } from '../../support/register-poll.ts';
import { load } from '../../support/configuration.ts';

const FOUND: ScanResult = {
  url: 'serial:/dev/ttyUSB0',
  baud: 9_600,
  parity: 'none',
  logger: null,
  timeoutMs: 1_000,
  unit: 1,
  detection: { kind: 'found', profile: registerProfileData('sofar-g3'), serial: 'SP1ES120N6', others: ['sma'] },
  live: {
    values: [
      { quantity: 'device.state', value: 2, unit: '1', text: 'grid-connected' },
      { quantity: 'device.fault.1', value: 0, unit: '1', text: null },
      { quantity: 'grid.power', value: -1_250, unit: 'W', text: null },
    ],
    findings: [{ quantity: 'grid.power', message: 'its sign is the other way round' }],
    refusals: ['registers 0x0404: wrong checksum'],
  },
};

function nothing(kind: 'silent' | 'garbled' | 'unknown', baud: number | null = 9_600): ScanResult {
  return { ...FOUND, baud, detection: { kind }, live: null };
}

/** The configuration in the text. */
function snippet(text: string): string {
  return text.slice(text.indexOf('\nsources:'));
}

describe('what a scan says', () => {
  it('shows the map, values with what to expect, faults that are set, and what looks wrong', () => {
    const text = scanText([FOUND]);
    expect(text).toContain('serial:/dev/ttyUSB0 (9600 baud, unit 1): sofar-g3');
    expect(text).toContain('serial number SP1ES120N6');
    expect(text).toContain('less likely: sma');
    expect(text).toMatch(/device\.state +2 {2}grid-connected/);
    expect(text).toMatch(/grid\.power +-1250 W {3}\(positive while you draw, negative while you feed in\)/);
    expect(text).not.toContain('device.fault.1');
    expect(text).toContain('! its sign is the other way round');
    expect(text).toContain('not used: registers 0x0404: wrong checksum');
  });

  it.each<[string, ScanResult]>([
    ['of a serial line', FOUND],
    ['of one with parity', { ...FOUND, parity: 'even' }],
    [
      'of a logger stick that takes its time',
      { ...FOUND, url: 'solarman://10.0.0.7:8899', baud: null, parity: null, logger: 2_300_012_345, timeoutMs: 10_000 },
    ],
    ['of Modbus TCP', { ...FOUND, url: 'tcp://10.0.0.7:502', baud: null, parity: null }],
  ])('has a configuration that loads: %s', (_, result) => {
    const config = load({ files: { 'gateway.yaml': snippet(scanText([result])) } });
    expect(config.sources).toMatchObject([
      { type: 'modbus', url: result.url, logger: result.logger, devices: [{ unit: 1, profile: { name: 'sofar-g3' } }] },
    ]);
    expect(config.sources).toMatchObject([{ timeoutMs: Math.max(1_000, result.timeoutMs) }]);
  });

  it('says where to put it, and lets what sleeps at night be silent for so long', () => {
    expect(scanText([FOUND])).toContain('add under your `sources:`');
    expect(load({ files: { 'gateway.yaml': snippet(scanText([FOUND])) } }).sources).toMatchObject([
      { silentAfterMs: 16 * HOUR },
    ]);
    const detection = { ...FOUND.detection, profile: registerProfileData('sdm630') } as ScanResult['detection'];
    const meter: ScanResult = { ...FOUND, unit: 2, detection };
    for (const awake of [[meter], [FOUND, meter]])
      expect(load({ files: { 'gateway.yaml': snippet(scanText(awake)) } }).sources).toMatchObject([
        { silentAfterMs: 5 * MINUTE },
      ]);
  });

  it('puts the devices of a line together, and names each apart', () => {
    const second = { ...FOUND, unit: 2 };
    const config = load({
      files: {
        'gateway.yaml': snippet(
          scanText([FOUND, second, { ...FOUND, url: 'tcp://10.0.0.7:502', baud: null, parity: null }]),
        ),
      },
    });
    expect(
      config.sources.map((source) => (source.type === 'modbus' ? source.devices.map(({ device }) => device) : [])),
    ).toEqual([['sofar-g3-1-1', 'sofar-g3-1-2'], ['sofar-g3-2-1']]);
  });

  it('speaks of wires only where there are any', () => {
    const at = (url: string): string => scanText([{ ...nothing('silent', null), url }]);
    expect(scanText([nothing('silent')])).toContain('the wires A and B');
    expect(at('rtu+tcp://10.0.0.7:502')).toContain('the wires A and B');
    expect(at('tcp://10.0.0.7:502')).not.toContain('wires');
    expect(at('solarman://10.0.0.7:8899')).not.toContain('wires');
  });

  it.each([
    ['nothing answers at 9600, 19200 baud (units 1)', [nothing('silent'), nothing('silent', 19_200)]],
    ['is the unit or the speed another?', [nothing('silent')]],
    ['is Modbus turned on in it, is the unit another?', [{ ...nothing('silent', null), url: 'tcp://10.0.0.7:502' }]],
    ['bytes come, but no answer can be read at 9600, 19200 baud', [nothing('silent'), nothing('garbled', 19_200)]],
    ['something answers (unit 1), but with no register map that is known', [nothing('unknown')]],
    [
      'cannot be opened: no such port',
      [{ ...FOUND, detection: { kind: 'down', reason: 'cannot be opened: no such port' }, live: null } as const],
    ],
  ])('says of a line without a known device: %s', (said, results) => {
    const text = scanText(results);
    expect(text).toContain(said);
    expect(text).not.toContain('gateway.yaml');
  });
});
