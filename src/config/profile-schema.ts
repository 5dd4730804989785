/** The form of a profile file. Short in YAML, complete in `ProfileData`. */
import { z } from 'zod';
import { isJsonPath } from '../model/json-path.ts';
import type { PayloadCondition, PayloadField, PayloadProfileData, PayloadRule } from '../model/profile-data.ts';
import { number, profileHead, quantityBreaches, unit, unitOf } from './profile-parts.ts';
import { registerProfile } from './register-schema.ts';
import { choice, factor, holds, section, text, type Breach } from './schema-parts.ts';

const scalar = z.union([z.string(), number, z.boolean(), z.null()], { error: () => 'expected a value' });
const A_PATH = 'expected a path such as ENERGY.Power, emeters[0].power or "1.8.0"';
const path = text('a path').refine(isJsonPath, A_PATH);
const paths = z
  .union([path, z.array(path)], { error: () => `${A_PATH}, or a list of them` })
  .transform((given) => (typeof given === 'string' ? [given] : given));

const FROM_ROOT = /^\$\./;
const condition = section({
  path: text('a path').refine((given) => isJsonPath(given.replace(FROM_ROOT, '')), A_PATH),
  equals: scalar.optional(),
  not: scalar.optional(),
  present: z.boolean().optional(),
  above: number.optional(),
  below: number.optional(),
}).refine((said) => Object.keys(said).length > 1, 'expected equals, not, present, above or below');
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
  at: z.string().refine(isPlace, 'expected a path such as Body.Data, Body.* or emeters[]').prefault(''),
  fields: z.record(z.string(), field, { error: () => 'expected fields by quantity' }).prefault({}),
  device: text('a name with {device}').prefault('{device}'),
  when,
  time: section({ path, unit: choice('s', 'ms', 'iso') }).optional(),
  serial: path.optional(),
  part: z.boolean().prefault(false),
  fallback: z.boolean().prefault(false),
}).superRefine(holds(ruleBreaches));
type RuleDocument = z.output<typeof rule>;

export const payloadProfile = section({
  ...profileHead,
  kind: z.literal('payload'),
  http: z.array(text('a path').startsWith('/', 'expected a path that begins with /')).prefault([]),
  ignore: z.array(text('the last levels of a topic')).prefault([]),
  rules: z.array(rule, { error: () => 'expected a list of rules' }).min(1, 'expected at least one rule'),
}).transform((document): PayloadProfileData => ({ ...document, rules: document.rules.map(ruleData) }));

/** Nothing stands for the payload itself. */
function isPlace(at: string): boolean {
  const keys = at.replace(/\[\]$/, '');
  return keys === '' || isJsonPath(keys);
}

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
  const levels = [...(topic ?? '').matchAll(/\{([^}]*)\}/g)].map(([, name = '']) => name);
  const named = new Set(levels);
  if (named.size < levels.length) yield { path: ['topic'], message: 'expected a name of its own for each level' };
  if (levels.some((name) => !/^[a-z]+$/.test(name)))
    yield { path: ['topic'], message: 'expected names of lower-case letters between { and }' };
  if (topic?.includes('#') === true)
    yield { path: ['topic'], message: 'expected its last levels without #: what stands before them does not matter' };
  for (const [, name = ''] of device.matchAll(/\{([^}]*)\}/g))
    if (name !== 'device' && name !== 'index' && !named.has(name))
      yield { path: ['device'], message: `expected {${name}} in the topic too` };
}

export const profileSchema = z.discriminatedUnion('kind', [payloadProfile, registerProfile], {
  error: () => 'expected a kind: payload or registers',
});
