import type { Sinks, StoredSink } from '../tables/sinks.ts';

/** The sinks as registered, in memory. */
export class KnownSinks {
  readonly #table: Sinks;
  #all: readonly StoredSink[] = [];

  constructor(table: Sinks) {
    this.#table = table;
    this.reload();
  }

  get all(): readonly StoredSink[] {
    return this.#all;
  }

  /** Those that are configured: new readings are owed to them. */
  get active(): readonly StoredSink[] {
    return this.#all.filter((sink) => !sink.removed);
  }

  byName(name: string): StoredSink {
    const sink = this.#all.find((s) => s.name === name);
    if (sink === undefined) throw new Error(`no sink ${name} is registered`);
    return sink;
  }

  reload(): void {
    this.#all = this.#table.all();
  }
}

export function firstRoute(sink: StoredSink): string {
  const [route] = sink.routes;
  if (route === undefined) throw new Error(`sink ${sink.name} has no route`);
  return route.name;
}
