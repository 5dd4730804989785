import { quantityDefinition } from '../model/quantity.ts';
import type { Sample } from '../model/sample.ts';
import type { EpochMs } from '../model/time.ts';
import { Numbered } from './numbered.ts';

/** Room for slots at first; doubled when it is used up. As many as there are values would be far too many. */
const FEW = 1024;

/**
 * The sums of samples in the making, as columns. Used again for one batch after another: memory outside of the heap that comes and
 * goes makes the collector mark all of it.
 */
export class Slots {
  #names: Numbered = new Numbered({ origins: [], shapes: [] });
  /** Per quantity: only its newest value counts. */
  #isState: readonly boolean[] = [];
  #device = new Uint32Array(FEW);
  #quantity = new Uint32Array(FEW);
  #min = new Float64Array(FEW);
  #max = new Float64Array(FEW);
  #sum = new Float64Array(FEW);
  #count = new Uint32Array(FEW);
  #newest = new Float64Array(FEW);
  #first = new Uint32Array(FEW);
  #last = new Uint32Array(FEW);
  #length = 0;

  /** Forgets all slots. */
  begin(names: Numbered): void {
    this.#names = names;
    this.#length = 0;
    this.#isState = names.quantities.map((name) => quantityDefinition(name)?.kind === 'state');
  }

  get length(): number {
    return this.#length;
  }

  get first(): Uint32Array {
    return this.#first.subarray(0, this.#length);
  }

  get last(): Uint32Array {
    return this.#last.subarray(0, this.#length);
  }

  open(device: number, quantity: number, reading: number): number {
    if (this.#length === this.#device.length) this.#grow();
    const slot = this.#length++;
    this.#device[slot] = device;
    this.#quantity[slot] = quantity;
    this.#first[slot] = reading;
    this.#last[slot] = reading;
    this.#sum[slot] = 0;
    this.#count[slot] = 0;
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

  sample(slot: number): Sample {
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
  }

  #grow(): void {
    this.#device = doubled(this.#device);
    this.#quantity = doubled(this.#quantity);
    this.#min = doubled(this.#min);
    this.#max = doubled(this.#max);
    this.#sum = doubled(this.#sum);
    this.#count = doubled(this.#count);
    this.#newest = doubled(this.#newest);
    this.#first = doubled(this.#first);
    this.#last = doubled(this.#last);
  }

  #replace(slot: number, value: number): void {
    this.#min[slot] = value;
    this.#max[slot] = value;
    this.#sum[slot] = value;
    this.#count[slot] = 1;
  }
}

function doubled<T extends Float64Array<ArrayBuffer> | Uint32Array<ArrayBuffer>>(column: T): T {
  const larger = new (column.constructor as new (length: number) => T)(column.length * 2);
  larger.set(column);
  return larger;
}

/** Adding rounds; Dynatrace refuses a mean that lies outside of its own extremes (tolerance 1e-6). */
function between(low: number, value: number, high: number): number {
  if (value < low) return low;
  return value > high ? high : value;
}
