import type { Inlet, Payload } from '../../src/sources/source.ts';

/** An inlet that keeps what it is given, and resolves at once or when the test says so. */
export class TestInlet implements Inlet {
  readonly payloads: Payload[] = [];
  readonly drops: { readonly topic: string; readonly reason: string }[] = [];
  holding: boolean;
  #held: { resolve: () => void; reject: (error: Error) => void }[] = [];

  constructor(options: { hold?: boolean } = {}) {
    this.holding = options.hold ?? false;
  }

  get texts(): string[] {
    return this.payloads.map((payload) => Buffer.from(payload.bytes).toString());
  }

  get held(): number {
    return this.#held.length;
  }

  accept(payload: Payload): Promise<void> {
    this.payloads.push(payload);
    return this.#answer();
  }

  refuse({ topic }: Payload, reason: string): Promise<void> {
    this.drops.push({ topic, reason });
    return this.#answer();
  }

  #answer(): Promise<void> {
    if (!this.holding) return Promise.resolve();
    return new Promise((resolve, reject) => this.#held.push({ resolve, reject }));
  }

  drop(topic: string, reason: string): void {
    this.drops.push({ topic, reason });
  }

  /** Resolves the oldest `count` held payloads in one turn, or all of them. */
  release(count = this.#held.length): void {
    for (const { resolve } of this.#held.splice(0, count)) resolve();
  }

  /** Resolves one held payload out of order. */
  releaseAt(index: number): void {
    this.#held.splice(index, 1)[0]?.resolve();
  }

  rejectAll(error: Error): void {
    for (const { reject } of this.#held.splice(0)) reject(error);
  }
}
