import type { Dropped, Message, Origination } from './message.ts';

/**
 * Messages that are committed together, and what their sources wait for. All messages a peer wants acknowledged share one
 * promise, as do those of QoS 0: they differ only in what a failed append means for them.
 */
export class Group {
  #messages: Message[] = [];
  readonly #dropped = new Map<Origination, Dropped>();
  #awaited: PromiseWithResolvers<void> | null = null;
  /** More than one after a failed append: those of the failed group wait on. */
  #unawaited: PromiseWithResolvers<void>[] = [];

  get messages(): readonly Message[] {
    return this.#messages;
  }

  get dropped(): ReadonlyMap<Origination, Dropped> {
    return this.#dropped;
  }

  get isEmpty(): boolean {
    return this.#messages.length === 0 && this.#dropped.size === 0;
  }

  add(message: Message): Promise<void> {
    this.#messages.push(message);
    if (message.qos > 0) return (this.#awaited ??= Promise.withResolvers()).promise;
    let last = this.#unawaited.at(-1);
    if (last === undefined) this.#unawaited.push((last = Promise.withResolvers()));
    return last.promise;
  }

  drop(from: Origination, { messages, lastMono, topic, reason }: Dropped): void {
    const before = this.#dropped.get(from);
    this.#dropped.set(from, { messages: messages + (before?.messages ?? 0), lastMono, topic, reason });
  }

  /** It is on disk. */
  resolve(): void {
    this.#awaited?.resolve();
    for (const { resolve } of this.#unawaited) resolve();
  }

  /** It could not be stored: rejects what a peer will bring again, and returns the rest, which is tried again. */
  rejectAwaited(error: unknown): Group {
    this.#awaited?.reject(error);
    const rest = new Group();
    rest.#messages = this.#messages.filter(({ qos }) => qos === 0);
    rest.#unawaited = this.#unawaited;
    for (const [from, dropped] of this.#dropped) rest.drop(from, dropped);
    return rest;
  }

  rejectAll(error: unknown): void {
    for (const { reject } of this.rejectAwaited(error).#unawaited) reject(error);
  }

  /** Puts what an earlier group left over in front. */
  prepend(earlier: Group): void {
    this.#messages = [...earlier.#messages, ...this.#messages];
    this.#unawaited = [...earlier.#unawaited, ...this.#unawaited];
    for (const [from, dropped] of earlier.#dropped) {
      const later = this.#dropped.get(from);
      this.#dropped.set(
        from,
        later === undefined ? dropped : { ...later, messages: later.messages + dropped.messages },
      );
    }
  }
}
