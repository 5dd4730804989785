/**
 * Any device whose payload is JSON: the configuration says where each quantity stands and by what its value is multiplied
 * to be in the stored unit. Fields that are not configured are not looked at.
 */
import type { Quantity } from '../model/reading.ts';
import type { EpochMs } from '../model/time.ts';
import { instantOf, type TimeUnit } from './device-time.ts';
import { numberOrReason } from './field-value.ts';
import { parseJsonPath } from '../model/json-path.ts';
import { lookUp } from './look-up.ts';
import type { Decoded, Json, Profile, RefusedField } from './profile.ts';

export interface JsonOptions {
  /** By quantity: where its value stands, and the factor that brings it into the stored unit and sign. */
  readonly fields: Readonly<Record<Quantity, { readonly path: string; readonly factor: number }>>;
  readonly time?: JsonTime | undefined;
}

/** Where the device's own time stands. */
export interface JsonTime {
  readonly path: string;
  readonly unit: TimeUnit;
}

/**
 * A profile of configured fields. A field that is absent costs nothing, as devices leave out what did not change; one
 * that is there but no number is refused. Throws a GatewayError for a path that cannot be read.
 */
export function createJsonProfile(options: JsonOptions): Profile {
  const fields = Object.entries(options.fields).map(([quantity, { path, factor }]) => ({
    quantity,
    name: path,
    path: parseJsonPath(path),
    factor,
  }));
  const time = options.time === undefined ? null : { ...options.time, keys: parseJsonPath(options.time.path) };
  return {
    name: 'json',
    takesText: false,
    decode(payload, context): Decoded {
      const quantities: Quantity[] = [];
      const values: number[] = [];
      const refusedFields: RefusedField[] = [];
      for (const { quantity, name, path, factor } of fields) {
        const field = lookUp(payload, path);
        if (field === undefined) continue;
        const value = scaled(field, factor);
        if (typeof value === 'string') {
          refusedFields.push({ field: name, reason: value });
        } else {
          quantities.push(quantity);
          values.push(value);
        }
      }
      if (quantities.length === 0) return { kind: 'refused', reason: whyNothing(refusedFields) };
      let deviceTime: EpochMs | null = null;
      const timeField = time === null ? undefined : lookUp(payload, time.keys);
      if (time !== null && timeField !== undefined) {
        const read = instantOf(timeField, time.unit);
        if (typeof read === 'number') deviceTime = read;
        else refusedFields.push({ field: time.path, reason: read });
      }
      const reading = { device: context.device, serial: null, deviceTime, quantities, values, part: false };
      return { kind: 'readings', readings: [reading], refusedFields };
    },
  };
}

/** 15 digits are all a double holds for certain: 34507.4761 kWh stay 34507476.1 Wh. */
function scaled(field: Json, factor: number): number | string {
  const value = numberOrReason(field);
  return typeof value === 'string' ? value : numberOrReason(Number((value * factor).toPrecision(15)));
}

function whyNothing([first]: readonly RefusedField[]): string {
  return first === undefined ? 'no known field' : `no usable value: ${first.field} is refused: ${first.reason}`;
}
