/**
 * The AMIS reader: an IR head on the Siemens TD-3511/TD-3512 meters of Netz Oberösterreich. One JSON object per
 * publication, in W, var, Wh and varh; OBIS codes as keys, with dots or with underscores (the reader's `rest_var`).
 * The body of its `GET /rest` is the same object.
 */
import type { Quantity } from '../model/reading.ts';
import type { EpochMs } from '../model/time.ts';
import { instantOrReason, isJsonObject, numberOrReason } from './field-value.ts';
import type { Decoded, Json, Profile, RefusedField } from './profile.ts';

export interface AmisOptions {
  /**
   * Which direction of energy flow the reader reports as a positive `saldo`. `import`, the reader's default, sends
   * `saldo` on as received; `export` (the reader's `rest_neg`) sends it on negated, so that grid import is positive either way.
   */
  readonly saldo: 'import' | 'export';
}

const SALDO: Quantity = 'power.active.saldo';

const OBIS: readonly (readonly [code: string, quantity: Quantity])[] = [
  ['1.8.0', 'energy.active.import'],
  ['2.8.0', 'energy.active.export'],
  ['3.8.1', 'energy.reactive.import'],
  ['4.8.1', 'energy.reactive.export'],
  ['1.7.0', 'power.active.import'],
  ['2.7.0', 'power.active.export'],
  ['3.7.0', 'power.reactive.import'],
  ['4.7.0', 'power.reactive.export'],
  ['1.128.0', 'energy.inkasso'],
];

const QUANTITY_BY_KEY: ReadonlyMap<string, Quantity> = new Map([
  ...OBIS,
  ...OBIS.map(([code, quantity]) => [code.replaceAll('.', '_'), quantity] as const),
  ['saldo', SALDO],
]);

/** What the reader sends while it could not read the meter's identification line, mostly right after a reboot. */
const NO_SERIAL = 'unbekannt';

/** The AMIS reader's profile; all firmware versions from 1.2.7. A `saldo` that is absent is not computed. */
export function createAmisProfile(options: AmisOptions): Profile {
  const saldoSign = options.saldo === 'export' ? -1 : 1;
  return {
    name: 'amis',
    takesText: false,
    decode(payload, context): Decoded {
      if (!isJsonObject(payload)) return { kind: 'refused', reason: 'not a JSON object' };
      const quantities: Quantity[] = [];
      const values: number[] = [];
      const refusedFields: RefusedField[] = [];
      let serial: string | null = null;
      let deviceTime: EpochMs | null = null;
      for (const key of Object.keys(payload)) {
        const quantity = QUANTITY_BY_KEY.get(key);
        if (quantity !== undefined) {
          const value = quantities.includes(quantity) ? 'given twice' : numberOrReason(payload[key]);
          if (typeof value === 'string') {
            refusedFields.push({ field: key, reason: value });
          } else {
            quantities.push(quantity);
            values.push(quantity === SALDO && value !== 0 ? saldoSign * value : value);
          }
        } else if (key === 'time') {
          // Whole seconds; firmware 1.5.8 sends `true` instead, 1.4.4 to 1.4.6 are one or two hours ahead.
          const time = instantOrReason(payload[key], 1000);
          if (typeof time === 'number') deviceTime = time;
          else refusedFields.push({ field: key, reason: time });
        } else if (key === 'serialnumber') {
          serial = serialOf(payload[key]);
        }
      }
      if (quantities.length === 0) return { kind: 'refused', reason: whyNothing(payload, refusedFields) };
      const reading = { device: context.device, serial, deviceTime, quantities, values, part: false };
      return { kind: 'readings', readings: [reading], refusedFields };
    },
  };
}

function serialOf(field: Json | undefined): string | null {
  if (typeof field !== 'string') return null;
  const serial = field.trim();
  return serial === '' || serial === NO_SERIAL ? null : serial.slice(0, 64);
}

function whyNothing(payload: { readonly [key: string]: Json }, refusedFields: readonly RefusedField[]): string {
  const [first] = refusedFields.filter(({ field }) => field !== 'time');
  if (first !== undefined) return `no usable value: ${first.field} is refused: ${first.reason}`;
  // GET /rest answers {"error":"No actual valid result available"} with 200 while the reader has no valid frame.
  const error = Object.hasOwn(payload, 'error') ? payload['error'] : undefined;
  return typeof error === 'string' ? `the reader reports: ${error}` : 'no known field';
}
