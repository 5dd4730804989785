/**
 * Folds readings to one sample per device, quantity and minute, and remembers which value went where, so that a refused
 * line can be taken apart again. Works on columns and integer tables only: nothing is allocated per value, and a sample is an
 * object only while it is rendered.
 */
import type { ReadingColumns } from '../model/reading-columns.ts';
import type { Sample } from '../model/sample.ts';
import { minuteOf } from '../model/time.ts';
import { Numbered } from './numbered.ts';
import { Slots } from './slots.ts';

/** What a fold needs memory for. Whoever folds again and again keeps it; the last `Folded` is gone then. */
export class FoldSpace {
  readonly slots = new Slots();
  #sampleOf = new Uint32Array(0);

  /** With whatever was in it before. */
  sampleOf(values: number): Uint32Array {
    if (values > this.#sampleOf.length) this.#sampleOf = new Uint32Array(Math.max(values, 2 * this.#sampleOf.length));
    return this.#sampleOf.subarray(0, values);
  }
}

/** Samples in the order in which their first value came. */
export interface Folded {
  readonly length: number;
  /** Made anew at every call. */
  sample(index: number): Sample;
  /** Per value of the columns: the index of the sample that holds it. */
  readonly sampleOf: Uint32Array;
  /** Per sample: the first and the last reading that has a value in it. `first` never descends. */
  readonly first: Uint32Array;
  readonly last: Uint32Array;
}

/** The readings of a minute must stand together, as a claim's do. Of a `state` quantity the newest value stands alone. */
export function fold(columns: ReadingColumns, space = new FoldSpace()): Folded {
  const names = new Numbered(columns);
  const { slots } = space;
  slots.begin(names);
  const sampleOf = space.sampleOf(columns.values.length);
  const groups = new Groups(names, columns.shapes.length, slots);
  let minute = Number.NaN;
  for (let reading = 0; reading < columns.length; reading++) {
    const time = columns.at[reading] ?? 0;
    if (minuteOf(time) !== minute) {
      minute = minuteOf(time);
      groups.nextMinute();
    }
    const lines = groups.of(columns.origin[reading] ?? 0, columns.shape[reading] ?? 0, reading);
    const from = columns.first[reading] ?? 0;
    for (let k = 0; k < lines.length; k++) {
      const value = columns.values[from + k] ?? 0;
      // One that is no finite number has a slot of its own beside the one it would have gone into.
      const slot = isSpoilt(value) ? slots.openLike(lines[k] ?? 0, reading) : (lines[k] ?? 0);
      sampleOf[from + k] = slot;
      slots.add(slot, value, time, reading);
    }
  }
  const { length, first, last } = slots;
  return { length, sample: (index) => slots.sample(index), sampleOf, first, last };
}

/** Such a value cannot be sent, and must not take those of its minute with it. */
function isSpoilt(value: number): boolean {
  return !Number.isFinite(value);
}

/** The slots of one minute's values, by device and shape. What was filled for an earlier minute is recognised, not cleared. */
class Groups {
  readonly #names: Numbered;
  readonly #shapes: number;
  readonly #slots: Slots;
  readonly #groups = new Map<number, Uint32Array>();
  readonly #groupMinute: Uint32Array;
  readonly #cells: Uint32Array;
  readonly #cellMinute: Uint32Array;
  #minute = 0;

  constructor(names: Numbered, shapes: number, slots: Slots) {
    this.#names = names;
    this.#shapes = shapes;
    this.#slots = slots;
    this.#groupMinute = new Uint32Array(names.devices.length * shapes);
    this.#cells = new Uint32Array(names.devices.length * names.quantities.length);
    this.#cellMinute = new Uint32Array(this.#cells.length);
  }

  nextMinute(): void {
    this.#minute++;
  }

  of(origin: number, shape: number, reading: number): Uint32Array {
    const device = this.#names.deviceOf[origin] ?? 0;
    const group = device * this.#shapes + shape;
    const quantities = this.#names.quantitiesOf[shape] ?? NONE;
    const lines = this.#groups.get(group) ?? new Uint32Array(quantities.length);
    if (this.#groupMinute[group] === this.#minute) return lines;
    for (let k = 0; k < quantities.length; k++) lines[k] = this.#slot(device, quantities[k] ?? 0, reading);
    this.#groups.set(group, lines);
    this.#groupMinute[group] = this.#minute;
    return lines;
  }

  /** Two shapes of one device share the slots of the quantities they share. */
  #slot(device: number, quantity: number, reading: number): number {
    const cell = device * this.#names.quantities.length + quantity;
    if (this.#cellMinute[cell] !== this.#minute) {
      this.#cellMinute[cell] = this.#minute;
      this.#cells[cell] = this.#slots.open(device, quantity, reading);
    }
    return this.#cells[cell] ?? 0;
  }
}

const NONE = new Uint32Array(0);
