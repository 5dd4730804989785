import { isOwed } from '../tables/owed.ts';
import { TIME_FIXED, TIME_UNKNOWN, type StoredReading } from '../tables/readings.ts';
import type { StoredSink } from '../tables/sinks.ts';
import type { Tables } from '../tables/tables.ts';
import type { Database } from './database.ts';

const CHUNK = 500;

/** Flags a reading as of unknown time, and expires it for every sink it is owed to. */
export function expireReading(
  { readings, owed, shapes, counters }: Tables,
  sinks: readonly StoredSink[],
  row: StoredReading,
): void {
  const values = shapes.get(row.shape).length;
  readings.setFlags(row.minute, row.id, row.flags | TIME_UNKNOWN);
  for (const sink of sinks) {
    const due = owed.get(sink.id, row.minute);
    if (due === null || !isOwed(due, row)) continue;
    owed.put({ ...due, readings: due.readings - 1, values: due.values - values });
    counters.add(`sink:${sink.name}`, 'expired', values);
  }
}

/** Expires what earlier boots left whose clock was never confirmed; the number of readings. Nobody can tell when they were measured. */
export function expireUnconfirmed(database: Database, bootId: string, sinks: readonly StoredSink[]): number {
  const { boots, readings } = database.tables;
  let expired = 0;
  for (const boot of boots.all()) {
    if (boot.confirmed || boot.uuid === bootId) continue;
    for (const minute of boots.provisionalMinutes(boot.id)) {
      for (let after = 0; ;) {
        const rows = readings.page(minute, after, CHUNK);
        database.commit(() => {
          for (const row of rows) {
            after = row.id;
            if (row.boot !== boot.id || (row.flags & (TIME_UNKNOWN | TIME_FIXED)) !== 0) continue;
            expireReading(database.tables, sinks, row);
            expired++;
          }
          if (rows.length < CHUNK) boots.unmark(boot.id, minute);
        });
        if (rows.length < CHUNK) break;
      }
    }
  }
  return expired;
}
