const MAX_TOPICS = 1_000;
const MAX_BYTES = 8 * 1024 * 1024;

/** Bounds the retained messages the broker keeps in memory: 1,000 topics, 8 MiB. */
export class RetainedBudget {
  readonly #sizes = new Map<string, number>();
  #bytes = 0;

  /** Whether the message may be retained; counts it if so. An empty payload clears its topic (MQTT 3.1.1, 3.3.1.3). */
  admit(topic: string, payloadBytes: number): boolean {
    const before = this.#sizes.get(topic) ?? 0;
    if (payloadBytes === 0) {
      this.#sizes.delete(topic);
      this.#bytes -= before;
      return true;
    }
    const size = payloadBytes + topic.length;
    if (this.#bytes - before + size > MAX_BYTES) return false;
    if (!this.#sizes.has(topic) && this.#sizes.size >= MAX_TOPICS) return false;
    this.#sizes.set(topic, size);
    this.#bytes += size - before;
    return true;
  }
}
