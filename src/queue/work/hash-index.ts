const SMALLEST = 256;

/** From a 32-bit hash to the ids stored under it: open addressing in typed arrays, a few bytes an entry. Ids are positive. */
export class HashIndex {
  #hashes = new Int32Array(SMALLEST);
  #ids = new Float64Array(SMALLEST);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  add(hash: number, id: number): void {
    if (this.#size * 2 >= this.#ids.length) this.#grow();
    this.#put(hash | 0, id);
    this.#size++;
  }

  /** Every id added under this hash. */
  find(hash: number): number[] {
    const wanted = hash | 0;
    const mask = this.#ids.length - 1;
    const found: number[] = [];
    for (let slot = wanted & mask; ; slot = (slot + 1) & mask) {
      const id = this.#ids[slot] ?? 0;
      if (id === 0) return found;
      if (this.#hashes[slot] === wanted) found.push(id);
    }
  }

  #put(hash: number, id: number): void {
    const mask = this.#ids.length - 1;
    let slot = hash & mask;
    while (this.#ids[slot] !== 0) slot = (slot + 1) & mask;
    this.#hashes[slot] = hash;
    this.#ids[slot] = id;
  }

  #grow(): void {
    const hashes = this.#hashes;
    const ids = this.#ids;
    this.#hashes = new Int32Array(hashes.length * 2);
    this.#ids = new Float64Array(ids.length * 2);
    for (const [slot, id] of ids.entries()) if (id !== 0) this.#put(hashes[slot] ?? 0, id);
  }
}
