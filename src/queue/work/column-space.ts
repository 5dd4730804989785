const FIRST_READINGS = 512;
const FIRST_VALUES = 4096;
const FIRST_BYTES = 4096;
/** More values than one reading can have in 64 KiB of payload. */
const ROOM = 32_768;

/**
 * The arrays that readings are put together in, as in ReadingColumns. Used for one claim after the other: thrown away, they would
 * lie about until the collector takes notice of them, several claims' worth.
 */
export class ColumnSpace {
  id = new Float64Array(FIRST_READINGS);
  at = new Float64Array(FIRST_READINGS);
  origin = new Uint32Array(FIRST_READINGS);
  shape = new Uint32Array(FIRST_READINGS);
  first = new Uint32Array(FIRST_READINGS + 1);
  values = new Float64Array(FIRST_VALUES + ROOM);
  #bytes = Buffer.allocUnsafeSlow(FIRST_BYTES);

  /** What hexadecimal text stands for; good until the next call. */
  bytesOf(hex: string): Buffer {
    const length = hex.length / 2;
    if (length > this.#bytes.length) this.#bytes = Buffer.allocUnsafeSlow(2 * length);
    return this.#bytes.subarray(0, this.#bytes.write(hex, 'hex'));
  }

  /** Makes room for one more reading behind so many, and so many values. */
  reserve(readings: number, values: number): void {
    if (readings === this.id.length) this.#growReadings();
    if (values + ROOM > this.values.length)
      this.values = enlarged(this.values, new Float64Array(this.values.length * 2));
  }

  #growReadings(): void {
    const capacity = this.id.length * 2;
    this.id = enlarged(this.id, new Float64Array(capacity));
    this.at = enlarged(this.at, new Float64Array(capacity));
    this.origin = enlarged(this.origin, new Uint32Array(capacity));
    this.shape = enlarged(this.shape, new Uint32Array(capacity));
    this.first = enlarged(this.first, new Uint32Array(capacity + 1));
  }
}

function enlarged<T extends Float64Array | Uint32Array>(from: T, to: T): T {
  to.set(from);
  return to;
}
