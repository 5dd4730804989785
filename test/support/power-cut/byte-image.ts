/** The content of a file as it grows. */
export class ByteImage {
  #bytes = Buffer.alloc(0);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** The content itself, not a copy. */
  get bytes(): Buffer {
    return this.#bytes.subarray(0, this.#size);
  }

  write(offset: number, data: Buffer): void {
    const end = offset + data.length;
    if (end > this.#bytes.length) {
      const grown = Buffer.alloc(Math.max(end, 2 * this.#bytes.length));
      this.#bytes.copy(grown, 0, 0, this.#size);
      this.#bytes = grown;
    }
    data.copy(this.#bytes, offset);
    this.#size = Math.max(this.#size, end);
  }

  /** What is cut off and grown again reads as zeros. */
  truncate(size: number): void {
    this.#bytes.fill(0, Math.min(size, this.#size), this.#size);
    if (size > this.#size) this.write(size, Buffer.alloc(0));
    this.#size = size;
  }
}
