import { quantityDefinition } from '../model/quantity.ts';
import type { Sample } from '../model/sample.ts';
import type { EpochMs } from '../model/time.ts';
import type { Numbered } from './numbered.ts';

/** The sums of samples in the making, as columns. */
export class Slots {
  readonly #names: Numbered;
  /** Per quantity: only its newest value counts. */
  readonly #isState: readonly boolean[];
  readonly #device: Uint32Array;
  readonly #quantity: Uint32Array;
  readonly #min: Float64Array;
  readonly #max: Float64Array;
  readonly #sum: Float64Array;
  readonly #count: Uint32Array;
  readonly #newest: Float64Array;
  readonly #first: Uint32Array;
  readonly #last: Uint32Array;
  #length = 0;

  /** `most`: as many slots as there can be. */
  constructor(names: Numbered, most: number) {
    this.#names = names;
    this.#isState = names.quantities.map((name) => quantityDefinition(name)?.kind === 'state');
    this.#device = new Uint32Array(most);
    this.#quantity = new Uint32Array(most);
    this.#min = new Float64Array(most);
    this.#max = new Float64Array(most);
    this.#sum = new Float64Array(most);
    this.#count = new Uint32Array(most);
    this.#newest = new Float64Array(most);
    this.#first = new Uint32Array(most);
    this.#last = new Uint32Array(most);
  }

  get first(): Uint32Array {
    return this.#first.subarray(0, this.#length);
  }

  get last(): Uint32Array {
    return this.#last.subarray(0, this.#length);
  }

  open(device: number, quantity: number, reading: number): number {
    const slot = this.#length++;
    this.#device[slot] = device;
    this.#quantity[slot] = quantity;
    this.#first[slot] = reading;
    this.#min[slot] = Infinity;
    this.#max[slot] = -Infinity;
    this.#newest[slot] = -Infinity;
    return slot;
  }

  /** Another slot of the same device and quantity. */
  openLike(slot: number, reading: number): number {
    return this.open(this.#device[slot] ?? 0, this.#quantity[slot] ?? 0, reading);
  }

  add(slot: number, value: number, at: EpochMs, reading: number): void {
    this.#last[slot] = reading;
    const isNewest = at >= (this.#newest[slot] ?? 0);
    if (isNewest) this.#newest[slot] = at;
    if (this.#isState[this.#quantity[slot] ?? 0] === true) {
      if (isNewest) this.#replace(slot, value);
      return;
    }
    if (value < (this.#min[slot] ?? 0)) this.#min[slot] = value;
    if (value > (this.#max[slot] ?? 0)) this.#max[slot] = value;
    this.#sum[slot] = (this.#sum[slot] ?? 0) + value;
    this.#count[slot] = (this.#count[slot] ?? 0) + 1;
  }

  samples(): Sample[] {
    return Array.from({ length: this.#length }, (_, slot) => {
      const min = this.#min[slot] ?? 0;
      const max = this.#max[slot] ?? 0;
      const count = this.#count[slot] ?? 1;
      return {
        device: this.#names.devices[this.#device[slot] ?? 0] ?? '',
        quantity: this.#names.quantities[this.#quantity[slot] ?? 0] ?? '',
        at: this.#newest[slot] ?? 0,
        min,
        max,
        sum: between(min * count, this.#sum[slot] ?? 0, max * count),
        count,
      };
    });
  }

  #replace(slot: number, value: number): void {
    this.#min[slot] = value;
    this.#max[slot] = value;
    this.#sum[slot] = value;
    this.#count[slot] = 1;
  }
}

/** Adding rounds; Dynatrace refuses a mean that lies outside of its own extremes (tolerance 1e-6). */
function between(low: number, value: number, high: number): number {
  if (value < low) return low;
  return value > high ? high : value;
}
