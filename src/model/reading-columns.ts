/**
 * Many readings as columns: the form in which readings cross between threads. Typed arrays are transferred, not copied,
 * and devices and sets of quantities, which repeat in every reading, stand once.
 *
 * Reading `i` has the values `values[first[i]] … values[first[i + 1] - 1]`, in the order of `shapes[shape[i]]`.
 */
import type { Origin, Quantity } from './reading.ts';
import type { EpochMs } from './time.ts';

/** A set of quantities in the order a device reports them. */
export type Shape = readonly Quantity[];

export interface ReadingColumns {
  readonly length: number;
  /** The queue's id; 0 for a reading that was not stored yet. */
  readonly id: Float64Array<ArrayBuffer>;
  readonly at: Float64Array<ArrayBuffer>;
  /** Index into `origins`. */
  readonly origin: Uint32Array<ArrayBuffer>;
  /** Index into `shapes`. */
  readonly shape: Uint32Array<ArrayBuffer>;
  /** `length + 1` entries. */
  readonly first: Uint32Array<ArrayBuffer>;
  readonly values: Float64Array<ArrayBuffer>;
  readonly origins: readonly Origin[];
  readonly shapes: readonly Shape[];
}

/** The buffers to name in `postMessage`'s transfer list. */
export function transferables(columns: ReadingColumns): ArrayBuffer[] {
  return [columns.id, columns.at, columns.origin, columns.shape, columns.first, columns.values].map((a) => a.buffer);
}

/** The readings `from` (inclusive) to `to` (exclusive), as views of the same memory. */
export function slice(columns: ReadingColumns, from: number, to: number): ReadingColumns {
  const base = columns.first[from] ?? 0;
  return {
    length: to - from,
    id: columns.id.subarray(from, to),
    at: columns.at.subarray(from, to),
    origin: columns.origin.subarray(from, to),
    shape: columns.shape.subarray(from, to),
    first: columns.first.subarray(from, to + 1).map((v) => v - base),
    values: columns.values.subarray(base, columns.first[to] ?? base),
    origins: columns.origins,
    shapes: columns.shapes,
  };
}

/** Gathers readings one by one into columns; reusable after `take`. Shapes and origins are interned by identity of content. */
export class ColumnsBuilder {
  readonly #origins: Origin[] = [];
  /** By device, its newest origin. */
  readonly #newestOrigin = new Map<string, number>();
  /** By content, those that are not the newest of their device. */
  readonly #olderOrigins = new Map<string, number>();
  readonly #shapes: Shape[] = [];
  readonly #shapeIndex = new Map<string, number>();
  #lastShape = 0;
  #id: number[] = [];
  #at: number[] = [];
  #origin: number[] = [];
  #shape: number[] = [];
  #first: number[] = [0];
  #values: number[] = [];

  get length(): number {
    return this.#at.length;
  }

  /** The reading's values stand in `values` from `from` on. */
  add(origin: Origin, at: EpochMs, shape: Shape, values: ArrayLike<number>, id = 0, from = 0): void {
    this.#id.push(id);
    this.#at.push(at);
    this.#origin.push(this.#internOrigin(origin));
    this.#shape.push(this.#internShape(shape));
    for (let i = 0; i < shape.length; i++) this.#values.push(values[from + i] ?? Number.NaN);
    this.#first.push(this.#values.length);
  }

  /** The readings gathered since the last call; the builder is empty afterwards. */
  take(): ReadingColumns {
    const columns: ReadingColumns = {
      length: this.#at.length,
      id: new Float64Array(this.#id),
      at: new Float64Array(this.#at),
      origin: new Uint32Array(this.#origin),
      shape: new Uint32Array(this.#shape),
      first: new Uint32Array(this.#first),
      values: new Float64Array(this.#values),
      origins: [...this.#origins],
      shapes: [...this.#shapes],
    };
    this.#id = [];
    this.#at = [];
    this.#origin = [];
    this.#shape = [];
    this.#first = [0];
    this.#values = [];
    this.#origins.length = 0;
    this.#newestOrigin.clear();
    this.#olderOrigins.clear();
    this.#shapes.length = 0;
    this.#shapeIndex.clear();
    return columns;
  }

  /** Most devices have one origin, so its content is only put into a key where it has another one as well. */
  #internOrigin(origin: Origin): number {
    const newest = this.#newestOrigin.get(origin.device);
    const known = newest === undefined ? undefined : this.#origins[newest];
    if (newest !== undefined && known?.serial === origin.serial && known.source === origin.source) return newest;
    if (newest !== undefined && known !== undefined) this.#olderOrigins.set(keyOf(known), newest);
    const older = known === undefined ? undefined : this.#olderOrigins.get(keyOf(origin));
    const index = older ?? this.#origins.push(origin) - 1;
    this.#newestOrigin.set(origin.device, index);
    return index;
  }

  /** Most readings have the shape of the one before. */
  #internShape(shape: Shape): number {
    const last = this.#shapes[this.#lastShape];
    if (last !== undefined && isSameShape(last, shape)) return this.#lastShape;
    const key = shape.join('\u0000');
    let index = this.#shapeIndex.get(key);
    if (index === undefined) {
      index = this.#shapes.push(shape) - 1;
      this.#shapeIndex.set(key, index);
    }
    this.#lastShape = index;
    return index;
  }
}

function keyOf({ source, device, serial }: Origin): string {
  return `${source}\u0000${device}\u0000${serial ?? ''}\u0000${serial === null ? 0 : 1}`;
}

/** Whether two readings have the same quantities in the same order. */
export function isSameShape(a: Shape, b: Shape): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
