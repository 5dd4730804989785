import type { PayloadField } from '../../model/profile-data.ts';
import type { Quantity } from '../../model/reading.ts';
import { numberOrReason } from '../field-value.ts';
import { parseJsonPath } from '../json-path.ts';
import type { Json } from '../profile.ts';
import { conditions, type Holds } from './condition.ts';
import { stored } from './payload-unit.ts';
import { find } from './places.ts';

/** A field's value in the stored unit; the reason it is refused; null where the device says that it has none; undefined where it says nothing. */
export type FieldValue = number | string | null | undefined;

export interface CompiledField {
  readonly quantity: Quantity;
  /** What a refusal is called after. */
  readonly name: string;
  readonly sum: boolean;
  read(node: Json): FieldValue;
}

/** Compiles a field of a rule. */
export function compileField(data: PayloadField): CompiledField {
  const paths = data.at.map(parseJsonPath);
  const holds: Holds = conditions(data.when);
  const factor = data.factor * stored(data.unit)[1];
  const texts = new Map(Object.entries(data.texts).map(([text, value]) => [text.toLowerCase(), value]));
  return {
    quantity: data.quantity,
    name: data.at[0] ?? 'value',
    sum: data.sum,
    read(node) {
      const found = paths.length === 0 ? node : firstOf(paths.map((path) => find(node, path)));
      if (found === undefined) return undefined;
      if (found === null || !holds(node)) return null;
      const given = typeof found === 'object' ? undefined : texts.get(String(found).toLowerCase());
      const value = given ?? numberOrReason(found);
      if (typeof value === 'string') return value;
      if (data.absent.includes(value)) return null;
      if (value < (data.min ?? -Infinity) || value > (data.max ?? Infinity)) return 'out of range';
      // 15 digits are all a double holds for certain: 34507.4761 kWh stay 34507476.1 Wh.
      return numberOrReason(Number((value * factor).toPrecision(15)));
    },
  };
}

function firstOf(found: readonly (Json | undefined)[]): Json | undefined {
  return found.find((field) => field !== undefined);
}
