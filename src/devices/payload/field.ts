import { storedUnit } from '../../model/payload-unit.ts';
import type { PayloadField } from '../../model/profile-data.ts';
import type { Quantity } from '../../model/reading.ts';
import { numberOrReason } from '../field-value.ts';
import { parseJsonPath, type JsonPath } from '../../model/json-path.ts';
import type { Json } from '../profile.ts';
import { conditions } from './condition.ts';
import { find } from './places.ts';

/** A field's value in the stored unit; the reason it is refused; null where the device says that it has none; undefined where it says nothing. */
export type FieldValue = number | string | null | undefined;

export interface CompiledField {
  readonly quantity: Quantity;
  /** What a refusal is called after. */
  readonly name: string;
  readonly read: (node: Json, root: Json) => FieldValue;
}

/** Compiles a field of a rule. Throws a GatewayError for a path that cannot be read. */
export function compileField(data: PayloadField): CompiledField {
  const factor = data.factor * storedUnit(data.unit)[1];
  const holds = conditions(data.when);
  const find = data.sum.length > 0 ? sumOf(data) : firstOf(data);
  return {
    quantity: data.quantity,
    name: data.paths[0] ?? data.sum[0] ?? 'value',
    read(node, root) {
      const given = find(node);
      const value = data.signed16 && typeof given === 'number' && given > 0x7fff ? given - 0x10000 : given;
      if (value === undefined) return undefined;
      if (value === null || !holds(node, root)) return null;
      if (typeof value === 'string') return value;
      if (data.absent.includes(value)) return null;
      if (value < (data.min ?? -Infinity) || value > (data.max ?? Infinity)) return 'out of range';
      // 15 digits are all a double holds for certain: 34507.4761 kWh stay 34507476.1 Wh.
      return numberOrReason(Number((value * factor).toPrecision(15)));
    },
  };
}

function firstOf(data: PayloadField): (node: Json) => FieldValue {
  const paths = data.paths.map(parseJsonPath);
  const read = reader(data);
  if (paths.length === 0) return read;
  return (node) => {
    for (const path of paths) {
      const found = find(node, path);
      if (found !== undefined) return read(found);
    }
    return undefined;
  };
}

function sumOf(data: PayloadField): (node: Json) => FieldValue {
  const paths: readonly JsonPath[] = data.sum.map(parseJsonPath);
  const read = reader(data);
  return (node) => {
    let sum = 0;
    for (const path of paths) {
      const found = find(node, path);
      const value = found === undefined ? undefined : read(found);
      if (typeof value !== 'number') return value;
      sum += value;
    }
    return sum;
  };
}

/** A single number as the payload gives it. */
function reader({ texts }: PayloadField): (found: Json) => FieldValue {
  const known = new Map(Object.entries(texts).map(([text, value]) => [text.toLowerCase(), value]));
  return (found) => {
    if (found === null) return null;
    // A list or an object where a number should be is another device's shape of the same key.
    if (typeof found === 'object') return undefined;
    const given = known.get(String(found).toLowerCase());
    if (given !== undefined) return given;
    const value = numberOrReason(found);
    return typeof value === 'string' && known.size > 0 ? undefined : value;
  };
}
