/** What the queue's rows say, one line each, sorted: read past its own code. */
import type BetterSqlite3 from 'better-sqlite3';
import { decodeValues } from '../../src/queue/values-codec.ts';

const VALUES = 'json_array_length(s.quantities) AS count, r.data';

interface Values {
  readonly count: number;
  readonly data: Buffer;
}

interface StoredRow extends Values {
  readonly device: string;
  readonly at: number;
  readonly received: number | null;
  readonly unknown: number;
  readonly quantities: string;
}

interface OwedRow extends Values {
  readonly sink: string;
  readonly route: string;
}

interface LetterRow {
  readonly sink: string;
  readonly route: string | null;
  readonly device: string;
  readonly quantity: string;
  readonly samples: string;
  readonly reason: string;
}

export function storedInRows(db: BetterSqlite3.Database): string[] {
  const rows = db.prepare<[], StoredRow>(
    `SELECT o.device, r.at, r.received, r.flags & 1 AS unknown, s.quantities, ${VALUES}
     FROM readings AS r JOIN origins AS o ON o.id = r.origin JOIN shapes AS s ON s.id = r.shape`,
  );
  return rows
    .all()
    .map(({ received, unknown, ...row }) =>
      storedLine({ ...row, received: received ?? row.at, unknown: unknown === 1, values: decoded(row) }),
    )
    .sort();
}

/** Of each sink, by the rule: of its minutes, what has an id above `through` and a known time, and was not settled with its device. */
export function owedInRows(db: BetterSqlite3.Database): string[] {
  const rows = db.prepare<[], OwedRow>(
    `SELECT k.name AS sink, o.route, ${VALUES} FROM owed AS o JOIN sinks AS k ON k.id = o.sink
     JOIN readings AS r ON r.key > (o.minute << 37 | o.through) AND r.key < (o.minute + 1) << 37 AND r.flags & 1 = 0
     LEFT JOIN owed_parts AS p ON p.sink = o.sink AND p.minute = o.minute
     JOIN shapes AS s ON s.id = r.shape
     WHERE p.upto IS NULL OR r.key & 137438953471 > p.upto OR r.origin > p.origin
       OR (r.origin = p.origin AND r.key & 137438953471 > p.id)`,
  );
  return rows
    .all()
    .map((row) => owedLine(row.sink, row.route, numberIn(row)))
    .sort();
}

export function lettersInRows(db: BetterSqlite3.Database): string[] {
  const rows = db.prepare<[], LetterRow>(
    `SELECT s.name AS sink, l.owed_route AS route, l.device, l.quantity, l.samples, l.reason
     FROM dead_letters AS l JOIN sinks AS s ON s.id = l.sink`,
  );
  return rows
    .all()
    .map(({ samples, ...letter }) => letterLine({ ...letter, samples: JSON.parse(samples) as unknown }))
    .sort();
}

/** The numbers of the readings that are stored. */
export function numbersInRows(db: BetterSqlite3.Database): Set<number> {
  const rows = db.prepare<[], Values>(`SELECT ${VALUES} FROM readings AS r JOIN shapes AS s ON s.id = r.shape`);
  return new Set(rows.all().map(numberIn));
}

export function deadLettersInRows(db: BetterSqlite3.Database): number {
  const row = db.prepare<[], { n: number }>('SELECT count(*) AS n FROM dead_letters WHERE owed_route IS NULL').get();
  return row?.n ?? 0;
}

export function storedLine(
  row: Omit<StoredRow, keyof Values | 'unknown'> & { unknown: boolean; values: number[] },
): string {
  const { device, at, received, unknown, quantities, values } = row;
  return `${values.join(' ')} ${quantities} ${device} at ${at} received ${received}${unknown ? ' unknown' : ''}`;
}

export function owedLine(sink: string, route: string, number: number): string {
  return `${sink} ${route} ${number}`;
}

export function letterLine({
  sink,
  route,
  device,
  quantity,
  samples,
  reason,
}: Omit<LetterRow, 'samples'> & { samples: unknown }): string {
  return JSON.stringify([sink, route, device, quantity, samples, reason]);
}

function numberIn(row: Values): number {
  return decoded(row)[0] ?? Number.NaN;
}

function decoded({ count, data }: Values): number[] {
  const values = new Float64Array(count);
  decodeValues(data, count, values, 0);
  return [...values];
}
