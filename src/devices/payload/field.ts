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
  const given = data.sum.length > 0 ? sumOf(data) : firstOf(data);
  return {
    quantity: data.quantity,
    name: data.paths[0] ?? data.sum[0] ?? 'value',
    read(node, root) {
      const found = given(node);
      const value = data.signed16 && typeof found === 'number' && found > 0x7fff ? found - 0x10000 : found;
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

/** How programs write numbers as text that are very large or small: evcc gives 123456 W as `1.2346e+05`. */
const SCIENTIFIC = /^[+-]?\d+(?:\.\d+)?e[+-]?\d+$/i;
/** Texts by which bridges say that a sensor has no value. */
const NOTHING: ReadonlySet<string> = new Set(['null', 'nan', 'none', 'unknown', 'unavailable']);

/** A single number as the payload gives it. */
function reader({ texts }: PayloadField): (found: Json) => FieldValue {
  const known = new Map(Object.entries(texts).map(([text, value]) => [text.toLowerCase(), value]));
  return (found) => {
    if (found === null) return null;
    // A list or an object where a number should be is another device's shape of the same key.
    if (typeof found === 'object') return undefined;
    const said = String(found).toLowerCase();
    const meant = known.get(said);
    if (meant !== undefined) return meant;
    if (typeof found === 'string' && NOTHING.has(said)) return null;
    const value = numberOrReason(typeof found === 'string' && SCIENTIFIC.test(found) ? Number(found) : found);
    return typeof value === 'string' && known.size > 0 ? undefined : value;
  };
}
