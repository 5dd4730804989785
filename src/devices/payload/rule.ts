import type { PayloadRule } from '../../model/profile-data.ts';
import type { Quantity } from '../../model/reading.ts';
import { instantOf } from '../device-time.ts';
import { parseJsonPath } from '../../model/json-path.ts';
import type { DecodeContext, DecodedReading, Json, RefusedField } from '../profile.ts';
import type { Wanted } from '../wanted.ts';
import { conditions } from './condition.ts';
import { compileField, type CompiledField } from './field.ts';
import { find, placesAt } from './places.ts';
import { topicPattern } from './topic-pattern.ts';

/** What one rule makes of a payload. */
export interface RuleResult {
  readonly readings: readonly DecodedReading[];
  readonly refusedFields: readonly RefusedField[];
  /** Its places are there, but the device says that it has no value at present. */
  readonly gap: boolean;
  /** Its places are there. */
  readonly meant: boolean;
}

export interface CompiledRule {
  /** The levels of the topic that the rule has named; null when the topic is not of this rule. */
  readonly match: (topic: string) => Readonly<Record<string, string>> | null;
  /** Whether it reads bare values rather than JSON. */
  readonly takesText: boolean;
  readonly fallback: boolean;
  apply(payload: Json, context: DecodeContext, levels: Readonly<Record<string, string>>): RuleResult;
}

/** Compiles a rule. Throws a GatewayError for a path that cannot be read. */
export function compileRule(data: PayloadRule, wanted: Wanted): CompiledRule {
  const places = placesAt(data.at);
  // Below a key that may be any, what has no known field was never meant.
  const isExact = !data.at.includes('*');
  const holds = conditions(data.when);
  const fields = (data.value === null ? data.fields : [data.value])
    .filter(({ quantity, enabled }) => wanted(quantity, enabled))
    .map(compileField);
  const time = data.time === null ? null : { unit: data.time.unit, path: parseJsonPath(data.time.path) };
  const serialPath = data.serial === null ? null : parseJsonPath(data.serial);
  return {
    match: data.topic === null ? () => ({}) : topicPattern(data.topic),
    takesText: data.value !== null,
    fallback: data.fallback,
    apply(payload, context, levels) {
      const refusedFields: RefusedField[] = [];
      const timeField = time === null ? undefined : find(payload, time.path);
      const at = time === null || timeField === undefined ? null : instantOf(timeField, time.unit);
      const here = places(payload).filter(({ node }) => holds(node, payload));
      let gap = false;
      const readings = here.flatMap(({ node, index }) => {
        const read = readFields(fields, node, payload, refusedFields);
        gap ||= read.gap;
        if (read.values.size === 0) return [];
        const device = nameOf(data.device, { ...levels, device: context.device, index: String(index) });
        const serial = serialPath === null ? null : serialOf(find(node, serialPath));
        const deviceTime = typeof at === 'number' ? at : null;
        const [quantities, values] = [[...read.values.keys()], [...read.values.values()]];
        return [{ device, serial, deviceTime, quantities, values, part: data.part }];
      });
      if (typeof at === 'string' && readings.length > 0 && data.time !== null)
        refusedFields.push({ field: data.time.path, reason: at });
      return { readings, refusedFields, gap, meant: isExact && here.length > 0 };
    },
  };
}

function readFields(
  fields: readonly CompiledField[],
  node: Json,
  root: Json,
  refused: RefusedField[],
): { values: Map<Quantity, number>; gap: boolean } {
  const read = new Map<Quantity, number>();
  let gap = false;
  for (const { quantity, name, read: readField } of fields) {
    const value = readField(node, root);
    if (typeof value === 'string') refused.push({ field: name, reason: value });
    else if (value === null) gap = true;
    else if (value !== undefined && !read.has(quantity)) read.set(quantity, value);
  }
  return { values: read, gap };
}

function nameOf(template: string, parts: Readonly<Record<string, string>>): string {
  return template.replaceAll(/\{([a-z]+)\}/g, (whole, name: string) => parts[name] ?? whole);
}

function serialOf(field: Json | undefined): string | null {
  const text = typeof field === 'number' ? String(field) : field;
  return typeof text === 'string' && text.trim() !== '' ? text.trim().slice(0, 64) : null;
}
