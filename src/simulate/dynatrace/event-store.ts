import type { EpochMs } from '../../model/time.ts';

/** A stored business event. Nothing removes duplicates. */
export interface StoredEvent {
  /** The event's own time, or when it was received where it has none that can be read. */
  readonly timestamp: EpochMs;
  readonly receivedAt: EpochMs;
  /** The fields, with nested objects as JSON text. */
  readonly fields: Readonly<Record<string, unknown>>;
}

/** Beyond this the oldest are forgotten, so that a stand-in can run for weeks. */
const MAX_EVENTS = 1_000_000;

export class EventStore {
  #events: StoredEvent[] = [];

  add(event: StoredEvent): void {
    this.#events.push(event);
    if (this.#events.length > MAX_EVENTS) this.#events = this.#events.slice(MAX_EVENTS / 10);
  }

  events(): StoredEvent[] {
    return [...this.#events];
  }

  clear(): void {
    this.#events = [];
  }
}
