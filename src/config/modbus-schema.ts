import { z } from 'zod';
import { MINUTE, SECOND } from '../model/time.ts';
import { LINE_ADDRESS, parseLineAddress } from './line-address.ts';
import { about, choice, duration, holds, section, text, type Breach } from './schema-parts.ts';
import { invert, quantities, silentAfter, sourceName } from './source-parts.ts';

const line = text(LINE_ADDRESS).transform((written, context) => {
  const address = parseLineAddress(written);
  if (!('flaw' in address)) return address;
  // What a person knows is the device's path, as `gateway modbus scan` takes it.
  const params = written.startsWith('/') ? { suggestion: `serial:${written}` } : {};
  context.addIssue({ code: 'custom', message: address.flaw, params });
  return z.NEVER;
});

function whole(min: number, max: number): z.ZodNumber {
  const expected = `expected a whole number from ${min} to ${max}`;
  return z
    .int({ error: () => expected })
    .min(min, expected)
    .max(max, expected);
}

const device = section({
  unit: whole(1, 247).optional().meta(about('Address on the line', "the profile's, mostly `1`")),
  profile: text('the name of a profile').meta(
    about('Which registers it has: one of `gateway profiles list`; `gateway modbus scan` finds out', 'required'),
  ),
  device: text('a name')
    .regex(/^[^/{}]+$/, 'expected a name without / { or }')
    .prefault('inverter')
    .meta(about('Dimension `device`')),
  quantities,
  invert,
});

export const modbusSource = section({
  type: z.literal('modbus').meta(about('**Devices on a Modbus line**', '`modbus`')),
  name: sourceName('inverter'),
  url: line.meta(
    about(
      'The line: `serial:/dev/serial/by-id/…`, `tcp://host:502` (Modbus TCP), `rtu+tcp://host:port` (a converter), `solarman://host:8899` (a logger stick)',
      'required',
    ),
  ),
  logger: whole(1, 0xffff_ffff)
    .optional()
    .meta(about('Serial number printed on the logger stick', 'required for `solarman://`')),
  baud: whole(300, 921_600).optional().meta(about('Speed of a serial line', "the profile's, mostly `9600`")),
  parity: choice('none', 'even', 'odd')
    .optional()
    .meta(about('Parity of a serial line', "the profile's, mostly `none`")),
  stopBits: z
    .union([z.literal(1), z.literal(2)], { error: () => 'expected 1 or 2' })
    .optional()
    .meta(about('Stop bits of a serial line', "the profile's, mostly `1`")),
  interval: duration(SECOND, 60 * MINUTE)
    .prefault('5s')
    .meta(about('From one poll to the next')),
  gap: duration(0, 10 * SECOND)
    .optional()
    .meta(about('Pause after each answer; cheap adapters need `1s`', "the longest of the profiles', at least `100ms`")),
  timeout: duration(100, 60 * SECOND)
    .optional()
    .meta(
      about('How long an answer may take; logger sticks may need `25s`', "the longest of the profiles', mostly `1s`"),
    ),
  devices: z
    .array(device, { error: () => 'expected a list such as [{ profile: sofar-g3 }]' })
    .min(1, 'expected at least one device'),
  silentAfter,
}).superRefine(holds(modbusBreaches));

export type ModbusSourceDocument = z.output<typeof modbusSource>;

type Checked = Pick<ModbusSourceDocument, 'url' | 'logger' | 'baud' | 'parity' | 'stopBits' | 'devices'>;

function* modbusBreaches({ url, logger, baud, parity, stopBits, devices }: Checked): Iterable<Breach> {
  if (url.kind === 'solarman' && logger === undefined)
    yield { path: ['logger'], message: 'expected the serial number that is printed on the logger stick' };
  if (url.kind !== 'solarman' && logger !== undefined)
    yield { path: ['logger'], message: 'only a logger stick (solarman://) has a serial number here' };
  for (const [key, value] of Object.entries({ baud, parity, stopBits }))
    if (value !== undefined && url.kind !== 'serial')
      yield { path: [key], message: 'only a serial line (serial:) has it; set it at the converter' };
  const names = devices.map(({ device: name }) => name);
  for (const [i, name] of names.entries())
    if (names.indexOf(name) !== i)
      yield { path: ['devices', i, 'device'], message: `expected a name of its own, ${name} is taken` };
}
