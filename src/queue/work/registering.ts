import type { SinkRegistration } from '../queue.ts';
import { TIME_UNKNOWN } from '../tables/readings.ts';
import type { Tables } from '../tables/tables.ts';

const PAGE = 5_000;

/** Writes down which sinks exist now, within the caller's transaction. A new one's ledger begins here, or with `backfill` at the oldest reading. */
export function registerSinks(tables: Tables, registrations: readonly SinkRegistration[]): void {
  const { sinks, owed, deadLetters, replays } = tables;
  const known = new Map(sinks.all().map((sink) => [sink.name, sink]));
  for (const registration of registrations) {
    const sink = known.get(registration.name);
    known.delete(registration.name);
    if (sink === undefined) {
      const id = sinks.insert(registration);
      if (registration.backfill) backfill(tables, id, registration);
      continue;
    }
    const routes = registration.routes.map(({ name }) => name);
    sinks.update(sink.id, registration);
    owed.adoptStrays(sink.id, routes);
    deadLetters.adoptStrays(sink.id, routes);
  }
  for (const gone of known.values()) {
    sinks.remove(gone.id);
    replays.failAll(gone.id);
  }
}

function backfill(
  { readings, owed, shapes, counters }: Tables,
  sink: number,
  { name, routes }: SinkRegistration,
): void {
  const route = routes[0]?.name ?? '';
  let accepted = 0;
  for (
    let minute = readings.minuteFrom(Number.MIN_SAFE_INTEGER);
    minute !== null;
    minute = readings.minuteFrom(minute + 1)
  ) {
    let count = 0;
    let values = 0;
    for (let after = 0; ;) {
      const rows = readings.page(minute, after, PAGE);
      for (const { id, shape, flags } of rows) {
        after = id;
        if ((flags & TIME_UNKNOWN) !== 0) continue;
        count++;
        values += shapes.get(shape).length;
      }
      if (rows.length < PAGE) break;
    }
    owed.put({ sink, minute, route, through: 0, readings: count, values, part: null });
    accepted += values;
  }
  counters.add(`sink:${name}`, 'accepted', accepted);
}
