import Database from 'better-sqlite3';
import { expect } from 'vitest';
import { join } from 'node:path';
import type { QueueReport } from '../../src/queue/queue.ts';

interface OwedRow {
  readonly sink: number;
  readonly minute: number;
  readonly through: number;
  readonly reading_count: number;
  readonly value_count: number;
}

interface Count {
  readonly readings: number;
  readonly values: number;
}

/**
 * Counts from the rows themselves what the queue says is stored and pending, in another connection, and holds the report
 * against it: every ledger balances, nothing is owed that is not there, intake's sums are right.
 */
export function expectBalanced(dataDir: string, report: QueueReport): void {
  const db = new Database(join(dataDir, 'queue.db'), { readonly: true });
  try {
    expect(report.storedReadings).toBe(db.prepare<[], { n: number }>('SELECT count(*) AS n FROM readings').get()?.n);
    const pendingPairs = recountOwed(db);
    for (const sink of report.sinks) {
      const { accepted, delivered, late, pending, expired, evicted, deadLettered } = sink.ledger;
      expect(delivered + late + pending + expired + evicted + deadLettered, `ledger of ${sink.name}`).toBe(accepted);
      expect(pending, `pending of ${sink.name}`).toBe(pendingPairs.get(sink.name) ?? 0);
      expect(sink.routes.reduce((sum, { pendingValues }) => sum + pendingValues, 0)).toBe(pending);
    }
    const { messages, used, duplicates, refused, ignored } = report.intake;
    expect(messages).toBe(used + duplicates + refused + ignored);
  } finally {
    db.close();
  }
}

/** Pending values by sink, from the readings; fails when a row of what is owed says anything else. */
function recountOwed(db: Database.Database): Map<string, number> {
  const pending = new Map<string, number>();
  const names = new Map(
    db
      .prepare<[], { id: number; name: string }>('SELECT id, name FROM sinks')
      .all()
      .map(({ id, name }) => [id, name]),
  );
  const count = db.prepare<[number, number, number, number], Count>(
    `SELECT count(*) AS readings, coalesce(sum(json_array_length(s.quantities)), 0) AS "values"
     FROM readings AS r JOIN shapes AS s ON s.id = r.shape
       LEFT JOIN owed_parts AS p ON p.sink = ? AND p.minute = r.key >> 37
     WHERE r.key > (? << 37) + CAST(? AS INTEGER) AND r.key < ((? + 1) << 37) AND r.flags & 1 = 0
       AND (p.upto IS NULL OR r.key & 137438953471 > p.upto OR (r.origin, r.key & 137438953471) > (p.origin, p.id))`,
  );
  const add = (sink: number, values: number): void => {
    const name = names.get(sink) ?? '';
    pending.set(name, (pending.get(name) ?? 0) + values);
  };
  for (const row of db.prepare<[], OwedRow>('SELECT * FROM owed').all()) {
    const found = count.get(row.sink, row.minute, row.through, row.minute);
    expect({ readings: row.reading_count, values: row.value_count }, `owed of minute ${row.minute}`).toEqual(found);
    expect(row.reading_count).toBeGreaterThan(0);
    add(row.sink, row.value_count);
  }
  const letters = db.prepare<[], { sink: number; samples: string }>(
    'SELECT sink, samples FROM dead_letters WHERE owed_route IS NOT NULL',
  );
  for (const { sink, samples } of letters.all()) add(sink, (JSON.parse(samples) as unknown[]).length);
  return pending;
}
