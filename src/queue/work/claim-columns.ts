import type { ReadingColumns, Shape } from '../../model/reading-columns.ts';
import type { Origin } from '../../model/reading.ts';
import type { EpochMs } from '../../model/time.ts';
import type { Origins } from '../tables/origins.ts';
import type { BriefRow } from '../tables/readings.ts';
import type { Shapes } from '../tables/shapes.ts';
import { decodeValues } from '../values-codec.ts';

const FIRST_READINGS = 512;
const FIRST_VALUES = 4096;
/** More values than one reading can have in 64 KiB of payload. */
const ROOM = 32_768;

/** Rows of the database as columns. Numbers of origins and shapes are those of the rows, so nothing is compared by content. */
export class ClaimColumns {
  readonly #origins: Origins;
  readonly #shapes: Shapes;
  readonly #originIndex = new Map<number, number>();
  readonly #shapeIndex = new Map<number, number>();
  readonly #usedOrigins: Origin[] = [];
  readonly #usedShapes: Shape[] = [];
  #length = 0;
  #id = new Float64Array(FIRST_READINGS);
  #at = new Float64Array(FIRST_READINGS);
  #origin = new Uint32Array(FIRST_READINGS);
  #shape = new Uint32Array(FIRST_READINGS);
  #first = new Uint32Array(FIRST_READINGS + 1);
  #values = new Float64Array(FIRST_VALUES + ROOM);

  constructor(origins: Origins, shapes: Shapes) {
    this.#origins = origins;
    this.#shapes = shapes;
  }

  get length(): number {
    return this.#length;
  }

  get valueCount(): number {
    return this.#first[this.#length] ?? 0;
  }

  addRow([id, origin, shape, at, data]: BriefRow): void {
    const count = this.#begin(id, at);
    this.#origin[this.#length] = this.#indexOfOrigin(origin);
    const shapeIndex = this.#indexOfShape(shape);
    this.#shape[this.#length] = shapeIndex;
    const values = this.#usedShapes[shapeIndex]?.length ?? 0;
    decodeValues(data, values, this.#values, count);
    this.#end(count + values);
  }

  /** A value without a reading, from a dead letter; null is what JSON makes of one that is no number. */
  addValue(id: number, origin: Origin, shape: Shape, at: EpochMs, value: number | null): void {
    const count = this.#begin(id, at);
    this.#origin[this.#length] = lastOrNew(this.#usedOrigins, origin);
    this.#shape[this.#length] = lastOrNew(this.#usedShapes, shape);
    this.#values[count] = value ?? Number.NaN;
    this.#end(count + 1);
  }

  /** Forgets the readings from `length` on. */
  truncate(length: number): void {
    this.#length = length;
  }

  take(): ReadingColumns {
    const length = this.#length;
    return {
      length,
      id: this.#id.slice(0, length),
      at: this.#at.slice(0, length),
      origin: this.#origin.slice(0, length),
      shape: this.#shape.slice(0, length),
      first: this.#first.slice(0, length + 1),
      values: this.#values.slice(0, this.valueCount),
      origins: this.#usedOrigins,
      shapes: this.#usedShapes,
    };
  }

  #begin(id: number, at: EpochMs): number {
    const count = this.valueCount;
    if (this.#length === this.#id.length) this.#growReadings();
    if (count + ROOM > this.#values.length)
      this.#values = enlarged(this.#values, new Float64Array(this.#values.length * 2));
    this.#id[this.#length] = id;
    this.#at[this.#length] = at;
    return count;
  }

  #end(count: number): void {
    this.#length++;
    this.#first[this.#length] = count;
  }

  #growReadings(): void {
    const capacity = this.#id.length * 2;
    this.#id = enlarged(this.#id, new Float64Array(capacity));
    this.#at = enlarged(this.#at, new Float64Array(capacity));
    this.#origin = enlarged(this.#origin, new Uint32Array(capacity));
    this.#shape = enlarged(this.#shape, new Uint32Array(capacity));
    this.#first = enlarged(this.#first, new Uint32Array(capacity + 1));
  }

  #indexOfOrigin(id: number): number {
    let index = this.#originIndex.get(id);
    if (index === undefined) {
      index = this.#usedOrigins.push(this.#origins.get(id)) - 1;
      this.#originIndex.set(id, index);
    }
    return index;
  }

  #indexOfShape(id: number): number {
    let index = this.#shapeIndex.get(id);
    if (index === undefined) {
      index = this.#usedShapes.push(this.#shapes.get(id)) - 1;
      this.#shapeIndex.set(id, index);
    }
    return index;
  }
}

function enlarged<T extends Float64Array | Uint32Array>(from: T, to: T): T {
  to.set(from);
  return to;
}

/** Samples of one letter follow each other and share both objects. */
function lastOrNew<T>(list: T[], item: T): number {
  return list.at(-1) === item ? list.length - 1 : list.push(item) - 1;
}
