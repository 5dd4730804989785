/**
 * The texts of one request's items, as the bytes they are sent as. They lie outside of the heap that the collector walks: a request
 * lives until it is answered, and thousands of strings that do so cost more than everything else that is done with them. Used
 * again for another request, because memory outside of the heap that comes and goes makes the collector run as well.
 */
export class ItemTexts implements Iterable<string> {
  readonly #separator: number;
  readonly #ends: number[] = [];
  #length = 0;
  #buffer = Buffer.alloc(0);

  /** `separator`: the one ASCII character between two items. */
  constructor(separator: string) {
    this.#separator = separator.charCodeAt(0);
  }

  get length(): number {
    return this.#length;
  }

  /** With a separator behind each item. */
  get byteLength(): number {
    return this.#length === 0 ? 0 : (this.#ends[this.#length - 1] ?? 0);
  }

  /** Without a separator behind the last item; valid until the next change. */
  get bytes(): Buffer {
    return this.#buffer.subarray(0, Math.max(0, this.byteLength - 1));
  }

  clear(): void {
    this.#length = 0;
  }

  push(text: string): void {
    const start = this.byteLength;
    this.#makeRoom(start + MOST_BYTES_PER_UNIT * text.length + 1);
    const end = start + this.#buffer.write(text, start);
    this.#buffer[end] = this.#separator;
    this.#ends[this.#length++] = end + 1;
  }

  /** Takes the last item back. */
  pop(): void {
    this.#length--;
  }

  *[Symbol.iterator](): Generator<string> {
    for (let i = 0, start = 0; i < this.#length; i++) {
      const end = this.#ends[i] ?? start;
      yield this.#buffer.toString('utf8', start, end - 1);
      start = end;
    }
  }

  #makeRoom(size: number): void {
    if (size <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(FIRST_BYTES, size, 2 * this.#buffer.length));
    this.#buffer.copy(larger, 0, 0, this.byteLength);
    this.#buffer = larger;
  }
}

const FIRST_BYTES = 64 * 1024;
/** UTF-8 has at most so many for a unit of UTF-16. */
const MOST_BYTES_PER_UNIT = 3;
