import type { ReadingColumns, Shape } from '../../model/reading-columns.ts';
import type { Origin } from '../../model/reading.ts';
import type { EpochMs } from '../../model/time.ts';
import type { Origins } from '../tables/origins.ts';
import type { BriefRow } from '../tables/readings.ts';
import type { Shapes } from '../tables/shapes.ts';
import { decodeValues } from '../values-codec.ts';
import type { ColumnSpace } from './column-space.ts';

/** Rows of the database as columns. Numbers of origins and shapes are those of the rows, so nothing is compared by content. */
export class ClaimColumns {
  readonly #origins: Origins;
  readonly #shapes: Shapes;
  readonly #space: ColumnSpace;
  readonly #originIndex = new Map<number, number>();
  readonly #shapeIndex = new Map<number, number>();
  readonly #usedOrigins: Origin[] = [];
  readonly #usedShapes: Shape[] = [];
  #length = 0;

  /** What is in the space is overwritten; what was taken from it is a copy. */
  constructor(origins: Origins, shapes: Shapes, space: ColumnSpace) {
    this.#origins = origins;
    this.#shapes = shapes;
    this.#space = space;
    space.first[0] = 0;
  }

  get length(): number {
    return this.#length;
  }

  get valueCount(): number {
    return this.#space.first[this.#length] ?? 0;
  }

  addRow([id, origin, shape, at, data]: BriefRow): void {
    const count = this.#begin(id, at);
    this.#space.origin[this.#length] = this.#indexOfOrigin(origin);
    const shapeIndex = this.#indexOfShape(shape);
    this.#space.shape[this.#length] = shapeIndex;
    const values = this.#usedShapes[shapeIndex]?.length ?? 0;
    decodeValues(this.#space.bytesOf(data), values, this.#space.values, count);
    this.#end(count + values);
  }

  /** A value without a reading, from a dead letter; null is what JSON makes of one that is no number. */
  addValue(id: number, origin: Origin, shape: Shape, at: EpochMs, value: number | null): void {
    const count = this.#begin(id, at);
    this.#space.origin[this.#length] = lastOrNew(this.#usedOrigins, origin);
    this.#space.shape[this.#length] = lastOrNew(this.#usedShapes, shape);
    this.#space.values[count] = value ?? Number.NaN;
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
      id: this.#space.id.slice(0, length),
      at: this.#space.at.slice(0, length),
      origin: this.#space.origin.slice(0, length),
      shape: this.#space.shape.slice(0, length),
      first: this.#space.first.slice(0, length + 1),
      values: this.#space.values.slice(0, this.valueCount),
      origins: this.#usedOrigins,
      shapes: this.#usedShapes,
    };
  }

  #begin(id: number, at: EpochMs): number {
    const count = this.valueCount;
    this.#space.reserve(this.#length, count);
    this.#space.id[this.#length] = id;
    this.#space.at[this.#length] = at;
    return count;
  }

  #end(count: number): void {
    this.#length++;
    this.#space.first[this.#length] = count;
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

/** Samples of one letter follow each other and share both objects. */
function lastOrNew<T>(list: T[], item: T): number {
  return list.at(-1) === item ? list.length - 1 : list.push(item) - 1;
}
