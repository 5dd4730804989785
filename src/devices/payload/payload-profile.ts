/**
 * Devices whose payloads are described by data: JSON objects, bare values a topic each, or changes only. An absent value is
 * a gap, never 0.
 */
import type { PayloadProfileData } from '../../model/profile-data.ts';
import type { Quantity } from '../../model/reading.ts';
import type { Decoded, DecodedReading, Profile, RefusedField } from '../profile.ts';
import type { Wanted } from '../wanted.ts';
import { compileRule } from './rule.ts';

/** Throws a GatewayError for a profile that names a path that cannot be read. */
export function createPayloadProfile(data: PayloadProfileData, wanted: Wanted): Profile {
  const rules = data.rules.map(compileRule);
  return {
    name: data.name,
    takesText: rules.some(({ takesText }) => takesText),
    decode(payload, context): Decoded {
      const isText = typeof payload !== 'object';
      const refusedFields: RefusedField[] = [];
      const readings: DecodedReading[] = [];
      let [fits, meant, gap] = [false, false, false];
      for (const rule of rules) {
        const levels = rule.takesText === isText ? rule.match(context.topic) : null;
        if (levels === null) continue;
        fits = true;
        const result = rule.apply(payload, context, levels);
        meant ||= result.meant;
        gap ||= result.gap;
        refusedFields.push(...result.refusedFields);
        for (const reading of result.readings)
          join(
            readings,
            only(reading, (quantity) => wanted(quantity, true)),
          );
      }
      if (readings.length > 0) return { kind: 'readings', readings, refusedFields };
      const [first] = refusedFields;
      if (first !== undefined)
        return { kind: 'refused', reason: `no usable value: ${first.field} is refused: ${first.reason}` };
      if (!fits) return { kind: 'ignored', reason: `not a topic of ${data.name}` };
      if (gap || !meant) return { kind: 'ignored', reason: 'no value at present' };
      return { kind: 'refused', reason: 'no known field' };
    },
  };
}

/** Several rules may speak of the same device; what the first says of a quantity counts. */
function join(readings: DecodedReading[], reading: DecodedReading | null): void {
  if (reading === null) return;
  const at = readings.findIndex(
    ({ device, deviceTime, part }) =>
      device === reading.device && deviceTime === reading.deviceTime && part === reading.part,
  );
  const other = readings[at];
  if (other === undefined) {
    readings.push(reading);
    return;
  }
  const fresh = only(reading, (quantity) => !other.quantities.includes(quantity));
  if (fresh === null) return;
  readings[at] = {
    ...other,
    serial: other.serial ?? fresh.serial,
    quantities: [...other.quantities, ...fresh.quantities],
    values: [...other.values, ...fresh.values],
  };
}

function only(reading: DecodedReading, wanted: (quantity: Quantity) => boolean): DecodedReading | null {
  const kept = reading.quantities.map((quantity, i) => [quantity, reading.values[i] ?? 0] as const);
  const chosen = kept.filter(([quantity]) => wanted(quantity));
  if (chosen.length === 0) return null;
  return { ...reading, quantities: chosen.map(([quantity]) => quantity), values: chosen.map(([, value]) => value) };
}
