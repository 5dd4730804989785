import type { DecodedReading } from '../devices/profile.ts';
import { isSameShape, type Shape } from '../model/reading-columns.ts';
import type { Origin, Quantity } from '../model/reading.ts';
import type { EpochMs } from '../model/time.ts';

/** A reading that waits for its commit. What time it gets is decided there. */
export interface KeptReading {
  readonly origin: Origin;
  readonly deviceTime: EpochMs | null;
  readonly part: boolean;
  readonly quantities: Shape;
  /** Among those of other readings. */
  readonly values: ArrayLike<number>;
  /** Where its own begin. */
  readonly first: number;
}

/** Values in one array: those of some hundred readings. */
const VALUES_TOGETHER = 4_096;
/** Devices and shapes that are remembered; topics can name any number of either. */
const MOST_ORIGINS = 10_000;
const MOST_SHAPES = 256;

/**
 * Takes what one source's readings consist of apart, for as long as they wait. Hundreds of them do, for longer than what else a
 * message leaves behind: as arrays of their own they would all be moved to the old generation of the heap, and collecting them
 * there costs more than everything else that is done for them. So what repeats is there once, and values stand together.
 */
export class Keep {
  readonly #source: string;
  readonly #origins = new Map<string, Origin>();
  readonly #shapes = new Map<string, Shape>();
  #lastShape: Shape = [];
  #values = new Float64Array(0);
  #used = 0;

  constructor(source: string) {
    this.#source = source;
  }

  keep({ device, serial, deviceTime, part, quantities, values }: DecodedReading): KeptReading {
    const count = quantities.length;
    if (this.#used + count > this.#values.length) {
      this.#values = new Float64Array(Math.max(VALUES_TOGETHER, count));
      this.#used = 0;
    }
    const first = this.#used;
    for (let i = 0; i < count; i++) this.#values[first + i] = values[i] ?? Number.NaN;
    this.#used += count;
    return {
      origin: this.#originOf(device, serial),
      deviceTime,
      part,
      quantities: this.#shapeOf(quantities),
      values: this.#values,
      first,
    };
  }

  #originOf(device: string, serial: string | null): Origin {
    const known = this.#origins.get(device);
    if (known?.serial === serial) return known;
    const origin = { device, serial, source: this.#source };
    if (this.#origins.size >= MOST_ORIGINS) this.#origins.clear();
    this.#origins.set(device, origin);
    return origin;
  }

  #shapeOf(quantities: readonly Quantity[]): Shape {
    if (isSameShape(this.#lastShape, quantities)) return this.#lastShape;
    const key = JSON.stringify(quantities);
    const shape = this.#shapes.get(key) ?? quantities;
    if (this.#shapes.size >= MOST_SHAPES) this.#shapes.clear();
    this.#shapes.set(key, shape);
    this.#lastShape = shape;
    return shape;
  }
}
