/**
 * Devices that are read in registers. A poll's words become one reading: types, scales and signs from the profile's data,
 * missing values left out, counters held against what they were before. Remembers the counters of its device.
 */
import type { QuantityChoice, RegisterProfileData } from '../../model/profile-data.ts';
import type { Quantity } from '../../model/reading.ts';
import { isJsonObject } from '../field-value.ts';
import type { Decoded, DecodeContext, Json, RefusedField } from '../profile.ts';
import { wantedBy, type Wanted } from '../wanted.ts';
import { neededBy } from './blocks.ts';
import { Plausibility } from './plausibility.ts';
import { readRegisters, type BlockOfWords, type RegisterValue } from './register-values.ts';
import { readSunspec } from './sunspec.ts';
import { wordsFromHex } from './words.ts';

export class RegisterProfile {
  readonly #data: RegisterProfileData;
  readonly #registers: RegisterProfileData['registers'];
  readonly #wanted: Wanted;
  readonly #plausibility = new Plausibility();
  /** Read once after each connecting. */
  #serial: string | null = null;

  constructor(data: RegisterProfileData, choice: QuantityChoice) {
    this.#data = data;
    this.#wanted = wantedBy(choice);
    this.#registers = data.registers.filter(neededBy(data, this.#wanted));
  }

  decode(payload: Json, { device }: DecodeContext): Decoded {
    if (!isJsonObject(payload)) return { kind: 'refused', reason: 'not a poll of registers' };
    const mono = typeof payload['mono'] === 'number' ? payload['mono'] : 0;
    const read = readRegisters(this.#data, this.#registers, blocksIn(payload['blocks']));
    const sunspec = readSunspec(this.#data.models, payload['models'], this.#wanted);
    this.#serial = read.serial ?? sunspec.serial ?? this.#serial;
    const all = [...read.values, ...sunspec.values];
    if (isNotReady(all)) return { kind: 'refused', reason: 'all totals are zero and so is the state: it is not ready' };
    const refusedFields: RefusedField[] = [...read.refused];
    const values = new Map<Quantity, number>();
    for (const { title, quantity, enabled, value, resolution, risesPerHour } of all) {
      // Some devices tell a quantity twice, the better register first.
      if (values.has(quantity) || !this.#wanted(quantity, enabled)) continue;
      const reason =
        risesPerHour === null
          ? null
          : this.#plausibility.check(quantity, { value, at: mono, risesPerHour, resolution });
      if (reason === null) values.set(quantity, value);
      else refusedFields.push({ field: title, reason });
    }
    if (values.size > 0) {
      const [quantities, numbers] = [[...values.keys()], [...values.values()]];
      return {
        kind: 'readings',
        readings: [{ device, serial: this.#serial, deviceTime: null, quantities, values: numbers, part: false }],
        refusedFields,
      };
    }
    const [first] = refusedFields;
    if (first === undefined) return { kind: 'ignored', reason: 'no value at present' };
    return { kind: 'refused', reason: `no usable value: ${first.field} is refused: ${first.reason}` };
  }

  describe(quantity: Quantity, value: number): string | null {
    const state = this.#data.states[quantity]?.[value];
    if (state !== undefined) return state;
    const bits = this.#data.bits[quantity];
    if (bits === undefined || value === 0) return null;
    const set = Array.from({ length: 32 }, (_, bit) => bit).filter((bit) => Math.floor(value / 2 ** bit) % 2 === 1);
    return set.map((bit) => bits[bit] ?? `bit ${bit}`).join(', ');
  }
}

function blocksIn(json: Json | undefined): BlockOfWords[] {
  if (json === undefined || !isJsonObject(json)) return [];
  return Object.entries(json).flatMap(([key, hex]) => {
    const [fc, start] = key.split(':').map(Number);
    const words = typeof hex === 'string' ? wordsFromHex(hex) : null;
    return fc === undefined || start === undefined || words === null ? [] : [{ fc, start, words }];
  });
}

/** What an inverter answers in its first moments: a state of 0 and totals of 0. */
function isNotReady(values: readonly RegisterValue[]): boolean {
  const counters = values.filter(({ risesPerHour }) => risesPerHour !== null);
  const state = values.find(({ quantity }) => quantity === 'device.state');
  return state?.raw === 0 && counters.length > 0 && counters.every(({ raw }) => raw === 0);
}
