/**
 * An append as it crosses to the queue's thread. A typed array or an object that crosses by itself costs about as much as what is
 * done with it there: so all columns stand in one buffer, and each origin crosses once, after that its number.
 */
import type { Shape } from '../../model/reading-columns.ts';
import type { Origin } from '../../model/reading.ts';
import type { Append, SourceCounts } from '../queue.ts';

export interface AppendParcel {
  /** As `columnsIn` divides it. To be transferred. */
  readonly buffer: ArrayBuffer;
  readonly readings: number;
  readonly values: number;
  readonly origins: number;
  /** Those that did not cross before; they are numbered on. */
  readonly newOrigins: readonly Origin[];
  /** Numbers begin at 0 again: what crossed before is forgotten on both sides. */
  readonly anew: boolean;
  readonly shapes: readonly Shape[];
  readonly counts: readonly SourceCounts[];
}

/** Origins that are remembered on both sides; topics can name any number of devices. */
const MOST_ORIGINS = 10_000;

/** This side of the crossing: every parcel must be sent, in order. */
export class AppendPacker {
  /** By identity: the intake has one object for each. */
  readonly #numbers = new Map<Origin, number>();

  pack(append: Append): AppendParcel {
    const { readings, counts } = append;
    const { length, values, origins, shapes } = readings;
    const anew = this.#numbers.size + origins.length > MOST_ORIGINS;
    if (anew) this.#numbers.clear();
    const newOrigins = origins.filter((origin) => !this.#numbers.has(origin));
    for (const origin of newOrigins) this.#numbers.set(origin, this.#numbers.size);
    const buffer = new ArrayBuffer(bytesOf(length, values.length, origins.length));
    const columns = columnsIn(buffer, length, values.length, origins.length);
    columns.id.set(readings.id);
    columns.at.set(readings.at);
    columns.values.set(values);
    columns.receivedAt.set(append.receivedAt);
    columns.mono.set(append.mono);
    columns.deviceTime.set(append.deviceTime);
    columns.origin.set(readings.origin);
    columns.shape.set(readings.shape);
    columns.first.set(readings.first);
    columns.message.set(append.message);
    for (let i = 0; i < origins.length; i++) columns.numbers[i] = this.#numberOf(origins[i]);
    columns.timeUnknown.set(append.timeUnknown);
    if (append.onlyDeviceTime !== undefined) columns.onlyDeviceTime.set(append.onlyDeviceTime);
    if (append.derived !== undefined) columns.derived.set(append.derived);
    return {
      buffer,
      readings: length,
      values: values.length,
      origins: origins.length,
      newOrigins,
      anew,
      shapes,
      counts,
    };
  }

  #numberOf(origin: Origin | undefined): number {
    const number = origin && this.#numbers.get(origin);
    if (number === undefined) throw new Error('an origin without a number');
    return number;
  }
}

/** The other side. An origin that crosses again is the same object. */
export class AppendUnpacker {
  #origins: Origin[] = [];

  unpack({ buffer, readings, values, origins, newOrigins, anew, shapes, counts }: AppendParcel): Append {
    if (anew) this.#origins = [];
    this.#origins.push(...newOrigins);
    const columns = columnsIn(buffer, readings, values, origins);
    const { id, at, origin, shape, first } = columns;
    const { receivedAt, mono, deviceTime, timeUnknown, onlyDeviceTime, derived, message } = columns;
    const known = Array.from(columns.numbers, (number) => this.#originOf(number));
    return {
      readings: { length: readings, id, at, origin, shape, first, values: columns.values, origins: known, shapes },
      receivedAt,
      mono,
      deviceTime,
      timeUnknown,
      onlyDeviceTime,
      derived,
      message,
      counts,
    };
  }

  #originOf(number: number): Origin {
    const origin = this.#origins[number];
    if (origin === undefined) throw new Error(`no origin has crossed as ${number}`);
    return origin;
  }
}

function bytesOf(readings: number, values: number, origins: number): number {
  return 8 * (5 * readings + values) + 4 * (4 * readings + 1 + origins) + 3 * readings;
}

/** The columns in the order of the size of their items, as views of one memory. */
function columnsIn(buffer: ArrayBuffer, readings: number, values: number, origins: number) {
  let offset = 0;
  const from = (bytes: number): number => (offset += bytes) - bytes;
  const floats = (length: number) => new Float64Array(buffer, from(8 * length), length);
  const words = (length: number) => new Uint32Array(buffer, from(4 * length), length);
  const bytes = (length: number) => new Uint8Array(buffer, from(length), length);
  return {
    id: floats(readings),
    at: floats(readings),
    receivedAt: floats(readings),
    mono: floats(readings),
    deviceTime: floats(readings),
    values: floats(values),
    origin: words(readings),
    shape: words(readings),
    first: words(readings + 1),
    message: words(readings),
    numbers: words(origins),
    timeUnknown: bytes(readings),
    onlyDeviceTime: bytes(readings),
    derived: bytes(readings),
  };
}
