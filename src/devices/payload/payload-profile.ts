/**
 * Devices whose payloads are described by data: JSON objects, bare values a topic each, or changes only. An absent value is
 * a gap, never 0.
 */
import type { PayloadProfileData } from '../../model/profile-data.ts';
import type { DecodeContext, Decoded, DecodedReading, Json, Profile, RefusedField } from '../profile.ts';
import type { Wanted } from '../wanted.ts';
import { compileRule, type CompiledRule } from './rule.ts';
import { topicPattern } from './topic-pattern.ts';

/** Throws a GatewayError for a profile that names a path that cannot be read. */
export function createPayloadProfile(data: PayloadProfileData, wanted: Wanted): Profile {
  const ignored = data.ignore.map(topicPattern);
  const rules = data.rules.map((rule) => compileRule(rule, wanted));
  const first = rules.filter(({ fallback }) => !fallback);
  const fallback = rules.filter((rule) => rule.fallback);
  return {
    name: data.name,
    takesText: rules.some(({ takesText }) => takesText),
    decode(payload, context) {
      if (ignored.some((matches) => matches(context.topic) !== null))
        return { kind: 'ignored', reason: 'no topic of readings' };
      const found = apply(first, payload, context);
      return decoded(data.name, found.readings.length > 0 ? found : and(found, apply(fallback, payload, context)));
    },
  };
}

interface Found {
  readonly readings: readonly DecodedReading[];
  readonly refusedFields: readonly RefusedField[];
  /** The topic is one of a rule that reads payloads of this form. */
  readonly fits: boolean;
  readonly meant: boolean;
  readonly gap: boolean;
}

function apply(rules: readonly CompiledRule[], payload: Json, context: DecodeContext): Found {
  const isText = typeof payload !== 'object';
  const refusedFields: RefusedField[] = [];
  const readings: DecodedReading[] = [];
  let [fits, meant, gap] = [false, false, false];
  for (const rule of rules) {
    const levels = rule.takesText === isText ? rule.match(context.topic) : null;
    if (levels === null) continue;
    const result = rule.apply(payload, context, levels);
    fits = true;
    meant ||= result.meant;
    gap ||= result.gap;
    refusedFields.push(...result.refusedFields);
    for (const reading of result.readings) join(readings, reading);
  }
  return { readings, refusedFields, fits, meant, gap };
}

function and(a: Found, b: Found): Found {
  return {
    readings: [...a.readings, ...b.readings],
    refusedFields: [...a.refusedFields, ...b.refusedFields],
    fits: a.fits || b.fits,
    meant: a.meant || b.meant,
    gap: a.gap || b.gap,
  };
}

function decoded(name: string, { readings, refusedFields, fits, meant, gap }: Found): Decoded {
  if (readings.length > 0) return { kind: 'readings', readings, refusedFields };
  const [first] = refusedFields;
  if (first !== undefined)
    return { kind: 'refused', reason: `no usable value: ${first.field} is refused: ${first.reason}` };
  if (!fits) return { kind: 'ignored', reason: `not a topic of ${name}` };
  if (gap || !meant) return { kind: 'ignored', reason: 'no value at present' };
  return { kind: 'refused', reason: 'no known field' };
}

/** Several rules may speak of the same device; what the first says of a quantity counts. */
function join(readings: DecodedReading[], reading: DecodedReading): void {
  const at = readings.findIndex(
    ({ device, deviceTime, part }) =>
      device === reading.device && deviceTime === reading.deviceTime && part === reading.part,
  );
  const other = readings[at];
  if (other === undefined) {
    readings.push(reading);
    return;
  }
  const values = new Map(other.quantities.map((quantity, i) => [quantity, other.values[i] ?? Number.NaN]));
  for (const [i, quantity] of reading.quantities.entries())
    if (!values.has(quantity)) values.set(quantity, reading.values[i] ?? Number.NaN);
  readings[at] = {
    ...other,
    serial: other.serial ?? reading.serial,
    quantities: [...values.keys()],
    values: [...values.values()],
  };
}
