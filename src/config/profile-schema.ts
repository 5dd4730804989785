/** The form of a profile file. Short in YAML, complete in `ProfileData`. */
import { z } from 'zod';
import type { PayloadCondition, PayloadField, PayloadProfileData, PayloadRule } from '../model/profile-data.ts';
import { number, profileHead, quantityBreaches, unit, unitOf } from './profile-parts.ts';
import { registerProfile } from './register-schema.ts';
import { choice, factor, holds, section, text, type Breach } from './schema-parts.ts';

const scalar = z.union([z.string(), number, z.boolean(), z.null()], { error: () => 'expected a value' });
const paths = z
  .union([z.string(), z.array(z.string())], { error: () => 'expected a path or a list of paths' })
  .transform((given) => (typeof given === 'string' ? [given] : given));

const condition = section({
  path: text('a path'),
  equals: scalar.optional(),
  not: scalar.optional(),
  present: z.boolean().optional(),
  above: number.optional(),
  below: number.optional(),
});
const when = z.array(condition, { error: () => 'expected a list of conditions' }).prefault([]);

const fieldShape = {
  unit: unit.optional(),
  factor: factor().prefault(1),
  min: number.optional(),
  max: number.optional(),
  absent: z.array(number).prefault([]),
  texts: z.record(z.string(), number).prefault({}),
  when,
  signed16: z.boolean().prefault(false),
  enabled: z.boolean().prefault(true),
};
const field = section({ ...fieldShape, path: paths.prefault([]), sum: paths.prefault([]) });
const value = section({ ...fieldShape, quantity: text('a quantity') });
type FieldDocument = z.output<typeof field>;

const rule = section({
  topic: text('the last levels of a topic').optional(),
  value: value.optional(),
  at: z.string().prefault(''),
  fields: z.record(z.string(), field, { error: () => 'expected fields by quantity' }).prefault({}),
  device: text('a name with {device}').prefault('{device}'),
  when,
  time: section({ path: text('a path'), unit: choice('s', 'ms', 'iso') }).optional(),
  serial: text('a path').optional(),
  part: z.boolean().prefault(false),
  fallback: z.boolean().prefault(false),
}).superRefine(holds(ruleBreaches));
type RuleDocument = z.output<typeof rule>;

export const payloadProfile = section({
  ...profileHead,
  kind: z.literal('payload'),
  http: z.array(text('a path')).prefault([]),
  ignore: z.array(text('the last levels of a topic')).prefault([]),
  rules: z.array(rule, { error: () => 'expected a list of rules' }).min(1, 'expected at least one rule'),
}).transform((document): PayloadProfileData => ({ ...document, rules: document.rules.map(ruleData) }));

function ruleData(document: RuleDocument): PayloadRule {
  const { topic, value: single, fields, time, serial, part, ...rest } = document;
  return {
    ...rest,
    topic: topic ?? null,
    value: single === undefined ? null : fieldData(single.quantity, { ...single, path: [], sum: [] }),
    fields: Object.entries(fields).map(([quantity, given]) => fieldData(quantity, given)),
    when: document.when.map(conditionData),
    time: time ?? null,
    serial: serial ?? null,
    part: part || single !== undefined,
  };
}

function fieldData(quantity: string, { unit: given, path, min, max, ...rest }: FieldDocument): PayloadField {
  return {
    quantity,
    paths: path,
    sum: rest.sum,
    unit: unitOf(given, quantity),
    factor: rest.factor,
    min: min ?? null,
    max: max ?? null,
    absent: rest.absent,
    texts: rest.texts,
    when: rest.when.map(conditionData),
    signed16: rest.signed16,
    enabled: rest.enabled,
  };
}

function conditionData({ path, ...said }: z.output<typeof condition>): PayloadCondition {
  return { path, ...Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined)) };
}

function* ruleBreaches({ value: single, fields, topic, device }: RuleDocument): Iterable<Breach> {
  const quantities = Object.keys(fields);
  if ((single === undefined) === (quantities.length === 0))
    yield { path: [], message: 'expected either value or fields' };
  if (single !== undefined) yield* quantityBreaches(['value', 'quantity'], single.quantity, single.unit);
  for (const [quantity, { unit: given, path, sum }] of Object.entries(fields)) {
    yield* quantityBreaches(['fields', quantity], quantity, given);
    if ((path.length === 0) === (sum.length === 0))
      yield { path: ['fields', quantity], message: 'expected either path or sum' };
  }
  const named = new Set([...(topic ?? '').matchAll(/\{([a-z]+)\}/g)].map(([, name]) => name));
  for (const [, name = ''] of device.matchAll(/\{([^}]*)\}/g))
    if (name !== 'device' && name !== 'index' && !named.has(name))
      yield { path: ['device'], message: `expected {${name}} in the topic too` };
}

export const profileSchema = z.discriminatedUnion('kind', [payloadProfile, registerProfile], {
  error: () => 'expected a kind: payload or registers',
});
