const MAX_MESSAGES = 1_024;
const MAX_BYTES = 4 * 1024 * 1024;

/**
 * What a source has given to the intake and what is not on disk yet. Brokers overrun the window they were told, so the
 * bound on memory is ours: 1,024 messages or 4 MiB.
 */
export class InFlight {
  #messages = 0;
  #bytes = 0;
  #waiting: (() => void)[] = [];
  #idle: (() => void)[] = [];

  get messages(): number {
    return this.#messages;
  }

  get full(): boolean {
    return this.#messages >= MAX_MESSAGES || this.#bytes >= MAX_BYTES;
  }

  take(bytes: number): void {
    this.#messages += 1;
    this.#bytes += bytes;
  }

  release(bytes: number, messages = 1): void {
    this.#messages -= messages;
    this.#bytes -= bytes;
    while (!this.full) {
      const resume = this.#waiting.shift();
      if (resume === undefined) break;
      resume();
    }
    if (this.#messages === 0) for (const done of this.#idle.splice(0)) done();
  }

  /**
   * Calls back once there is room, at once if there is; callers are served in the order they came. Returns what to call
   * when it is not waited for any more.
   */
  whenRoom(resume: () => void): () => void {
    if (this.full || this.#waiting.length > 0) this.#waiting.push(resume);
    else resume();
    return () => {
      this.#waiting = this.#waiting.filter((other) => other !== resume);
    };
  }

  /** Resolves when everything that was taken has been released. */
  whenIdle(): Promise<void> {
    if (this.#messages === 0) return Promise.resolve();
    return new Promise((resolve) => this.#idle.push(resolve));
  }
}
