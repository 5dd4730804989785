import { describe, expect, it } from 'vitest';
import { issuesOf } from '../../support/configuration.ts';

const modbus = (...sources: readonly string[]): { files: Record<string, string> } => ({
  files: { 'gateway.yaml': `sources:\n${sources.map((keys) => `  - { type: modbus, ${keys} }\n`).join('')}` },
});
const ONE = 'devices: [{ profile: sofar-g3 }]';

const devices = (...keys: readonly string[]): string[] =>
  issuesOf(modbus(`url: 'tcp://host', devices: [${keys.join()}]`));

describe('the configuration of a Modbus line', () => {
  it.each([
    [
      `url: /dev/ttyUSB0, ${ONE}`,
      [
        'sources[0].url: expected serial:/dev/serial/by-id/…, tcp://host:502, rtu+tcp://host:port or solarman://host:8899, received "/dev/ttyUSB0"; did you mean serial:/dev/ttyUSB0?',
      ],
    ],
    [
      `url: '', ${ONE}`,
      [
        'sources[0].url: expected serial:/dev/serial/by-id/…, tcp://host:502, rtu+tcp://host:port or solarman://host:8899, received ""',
      ],
    ],
    [`url: 'rtu+tcp://host', ${ONE}`, ['sources[0].url: expected a port from 1 to 65535, received "rtu+tcp://host"']],
    [
      `url: 'solarman://host', ${ONE}`,
      ['sources[0].logger: expected the serial number that is printed on the logger stick'],
    ],
    [
      `url: 'tcp://host', baud: 9600, ${ONE}`,
      ['sources[0].baud: only a serial line (serial:) has it; set it at the converter, received 9600'],
    ],
    [`url: 'tcp://host', devices: []`, ['sources[0].devices: expected at least one device']],
    [
      `url: 'tcp://host', devices: [{ profile: sofar-g4 }]`,
      [
        'sources[0].devices[0].profile: unknown profile, see `gateway profiles list`, received "sofar-g4"; did you mean sofar-g3?',
      ],
    ],
    [
      `url: 'tcp://host', devices: [{ profile: sofar-g3 }, { profile: sdm630, unit: 2 }]`,
      ['sources[0].devices[1].device: expected a name of its own, inverter is taken'],
    ],
  ])('%s is wrong', (keys, issues) => {
    expect(issuesOf(modbus(keys))).toEqual(issues);
  });

  it('knows the address that a profile gives to its devices', () => {
    expect(devices('{ profile: sma, device: a }', '{ profile: sofar-g3, device: b }')).toEqual([]);
    expect(devices('{ profile: sma, device: a }', '{ profile: sofar-g3, unit: 3, device: b }')).toEqual([
      'sources[0].devices[1].unit: expected a unit of its own, 3 is taken',
    ]);
  });

  it('gives a line to one source only: its devices are asked one after the other', () => {
    const other = 'devices: [{ unit: 2, profile: sdm630, device: meter }]';
    const twice = (first: string, second: string): string[] =>
      issuesOf(modbus(`name: a, url: '${first}', ${ONE}`, `name: b, url: '${second}', ${other}`));
    expect(twice('serial:/dev/ttyUSB0', 'serial:///dev/ttyUSB0')).toEqual([
      'sources[1].url: expected a line of its own; add the devices to sources[0], received "serial:///dev/ttyUSB0"',
    ]);
    expect(twice('tcp://host', 'tcp://host:502')).toHaveLength(1);
    expect(twice('tcp://host', 'tcp://host:503')).toEqual([]);
  });
});
