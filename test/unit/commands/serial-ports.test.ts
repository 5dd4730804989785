import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { serialPorts } from '../../../src/commands/serial-ports.ts';
import { tempDir } from '../../support/temp-dir.ts';

function machine(ports: readonly string[], byId: Readonly<Record<string, string>>): string {
  const dev = tempDir();
  for (const port of ports) writeFileSync(join(dev, port), '');
  if (Object.keys(byId).length > 0) mkdirSync(join(dev, 'serial/by-id'), { recursive: true });
  for (const [name, port] of Object.entries(byId)) symlinkSync(`../../${port}`, join(dev, 'serial/by-id', name));
  return dev;
}

it.each<[string, string[], Record<string, string>, string[]]>([
  ['none', ['tty0', 'ttyS0', 'null'], {}, []],
  ['by what the kernel calls them', ['ttyUSB1', 'ttyUSB0', 'ttyACM0'], {}, ['ttyACM0', 'ttyUSB0', 'ttyUSB1']],
  ['by the names that stay', ['ttyUSB0'], { 'usb-FTDI-if00': 'ttyUSB0' }, ['serial/by-id/usb-FTDI-if00']],
  [
    'each once, those on the board beside those on USB',
    ['ttyUSB0', 'ttyAMA0'],
    { 'usb-FTDI-if00': 'ttyUSB0' },
    ['serial/by-id/usb-FTDI-if00', 'ttyAMA0'],
  ],
  ['also one that is just being unplugged', [], { 'usb-FTDI-if00': 'ttyUSB0' }, ['serial/by-id/usb-FTDI-if00']],
])('serial ports are found: %s', (_, ports, byId, found) => {
  const dev = machine(ports, byId);
  expect(serialPorts(dev)).toEqual(found.map((name) => join(dev, name)));
});
