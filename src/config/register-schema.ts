/** The form of profiles of registers. Addresses are those on the wire; function code 3 where none is said. */
import { z } from 'zod';
import {
  registerWords,
  type RegisterData,
  type RegisterProfileData,
  type SunspecPoint,
} from '../model/profile-data.ts';
import { number, profileHead, quantityBreaches, unit, unitOf } from './profile-parts.ts';
import { choice, holds, section, text, type Breach } from './schema-parts.ts';

const address = z
  .int({ error: () => 'expected an address from 0 to 0xffff' })
  .min(0)
  .max(0xffff);
const count = z
  .int({ error: () => 'expected a number of words' })
  .min(1)
  .max(125);
const fc = z.union([z.literal(3), z.literal(4)], {
  error: () => 'expected a function code that reads registers: 3 or 4',
});
const texts = z.record(z.string(), z.record(z.string().regex(/^\d+$/, 'expected a number'), z.string()));

const block = section({
  fc: fc.prefault(3),
  start: address,
  count,
  every: choice('live', 'slow', 'daily', 'once').prefault('live'),
  optional: z.boolean().prefault(false),
});

const register = section({
  at: address,
  fc: fc.prefault(3),
  type: choice('u16', 's16', 'u32', 's32', 'u64', 'f32', 'ascii'),
  words: count.prefault(1),
  title: text("the vendor's name of it"),
  quantity: text('a quantity').optional(),
  scale: number.prefault(1),
  unit: unit.optional(),
  enabled: z.boolean().prefault(false),
  invalid: z.array(number).prefault([]),
  min: number.optional(),
  max: number.optional(),
  risesPerHour: number.positive().optional(),
});
type RegisterDocument = z.output<typeof register>;

const point = section({
  at: z.int().min(0),
  type: choice(
    'int16',
    'uint16',
    'int32',
    'uint32',
    'acc32',
    'uint64',
    'acc64',
    'enum16',
    'bitfield32',
    'float32',
    'string',
  ),
  words: count.prefault(1),
  title: text('its name in the model'),
  scaleAt: z.int().min(0).optional(),
  quantity: text('a quantity').optional(),
  unit: unit.optional(),
  factor: number.prefault(1),
  enabled: z.boolean().prefault(false),
  risesPerHour: number.positive().optional(),
});
type PointDocument = z.output<typeof point>;

const model = section({
  model: z.int().min(1).max(0xfffe),
  repeat: section({ offset: z.int().min(2), words: z.int().min(1) }).optional(),
  points: z.array(point).min(1),
});

const detect = section({
  serial: section({ fc: fc.prefault(3), address, words: count, prefixes: z.array(z.string()) }).optional(),
  plausible: z
    .array(
      section({
        fc: fc.prefault(3),
        address,
        type: choice('u16', 's32', 'f32').prefault('u16'),
        min: number,
        max: number,
      }),
    )
    .prefault([]),
});

const document = section({
  ...profileHead,
  kind: z.literal('registers'),
  line: section({
    baud: z.int().prefault(9600),
    parity: choice('none', 'even', 'odd').prefault('none'),
    dataBits: z.literal([7, 8]).prefault(8),
    stopBits: z.literal([1, 2]).prefault(1),
  }).prefault({}),
  unit: z.int().min(1).max(247).prefault(1),
  limits: section({
    maxWords: count.prefault(60),
    gapMs: z.int().min(0).prefault(200),
    timeoutMs: z.int().min(100).prefault(1000),
  }).prefault({}),
  blocks: z.array(block).prefault([]),
  models: z.array(model).prefault([]),
  wordOrder: choice('high-first', 'low-first').prefault('high-first'),
  registers: z.array(register).prefault([]),
  states: texts.prefault({}),
  bits: texts.prefault({}),
  detect: detect.optional(),
  zeroMeansNone: z.array(z.array(z.string())).prefault([]),
  night: choice('sleeps', 'awake').prefault('awake'),
}).superRefine(holds(registerBreaches));

type Document = z.output<typeof document>;

export const registerProfile = document.transform((given): RegisterProfileData => {
  const { detect: detection, registers, models, ...rest } = given;
  return {
    ...rest,
    registers: registers.map(registerData),
    models: models.map(({ points, repeat, ...one }) => ({
      ...one,
      repeat: repeat ?? null,
      points: points.map(pointData),
    })),
    detect: detection === undefined ? null : { serial: detection.serial ?? null, plausible: detection.plausible },
  };
});

function registerData({ at, quantity, min, max, risesPerHour, ...rest }: RegisterDocument): RegisterData {
  return {
    ...rest,
    address: at,
    quantity: quantity ?? null,
    unit: unitOf(rest.unit, quantity ?? null),
    min: min ?? null,
    max: max ?? null,
    risesPerHour: risesPerHour ?? null,
  };
}

function pointData({ at, scaleAt, quantity, risesPerHour, ...rest }: PointDocument): SunspecPoint {
  return {
    ...rest,
    offset: at,
    scaleAt: scaleAt ?? null,
    quantity: quantity ?? null,
    unit: unitOf(rest.unit, quantity?.replace('{n}', '1') ?? null),
    risesPerHour: risesPerHour ?? null,
  };
}

function* registerBreaches({ blocks, registers, models, limits }: Document): Iterable<Breach> {
  if (registers.length + models.length === 0) yield { path: ['registers'], message: 'expected registers or models' };
  for (const [i, { count: words }] of blocks.entries())
    if (words > limits.maxWords)
      yield { path: ['blocks', i], message: `expected at most ${limits.maxWords} words, the limit of a read` };
  for (const [i, { at, fc: code, type, words, quantity, unit: given }] of registers.entries()) {
    const end = at + registerWords({ type, words });
    const isRead = blocks.some(({ fc: f, start, count: n }) => f === code && at >= start && end <= start + n);
    if (!isRead) yield { path: ['registers', i], message: 'no block reads all of it' };
    if (quantity !== undefined) yield* quantityBreaches(['registers', i, 'quantity'], quantity, given);
    else if (type !== 'ascii') yield { path: ['registers', i, 'quantity'], message: 'expected a quantity' };
  }
  for (const [i, { points }] of models.entries())
    for (const [j, { quantity, unit: given }] of points.entries())
      if (quantity !== undefined)
        yield* quantityBreaches(['models', i, 'points', j, 'quantity'], quantity.replace('{n}', '1'), given);
}
