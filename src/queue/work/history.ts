import type BetterSqlite3 from 'better-sqlite3';
import type { ReadingColumns } from '../../model/reading-columns.ts';
import type { Minute } from '../../model/time.ts';
import type { HistoryRange } from '../inspector.ts';
import { firstKeyOf, keyOf, minuteOfKey, storedMinuteOf } from '../tables/reading-key.ts';
import { BRIEF_COLUMNS, type BriefRow } from '../tables/readings.ts';
import type { Tables } from '../tables/tables.ts';
import { ClaimColumns } from './claim-columns.ts';
import { ColumnSpace } from './column-space.ts';

const PAGE = 5_000;

type Row = [...BriefRow, Minute];

/** Stored readings of a range, a page at a time: no page keeps the database's log from being folded in while it is used. */
export function* history(
  db: BetterSqlite3.Database,
  tables: Tables,
  range: HistoryRange,
): Generator<ReadingColumns, void> {
  const { from, to, device = null } = range;
  const page = db
    .prepare<[Minute, number, Minute, number, number, string | null, string | null, number], Row>(
      `SELECT ${BRIEF_COLUMNS}, ${minuteOfKey()} FROM readings
       WHERE key > ${keyOf('?', '?')} AND key < ${firstKeyOf('(? + 1)')} AND at >= ? AND at < ?
         AND (? IS NULL OR origin IN (SELECT o.id FROM origins AS o WHERE o.device = ?))
       ORDER BY key LIMIT ?`,
    )
    .raw();
  const space = new ColumnSpace();
  let minute = storedMinuteOf(from);
  let id = 0;
  for (;;) {
    const rows = page.all(minute, id, storedMinuteOf(to), from, to, device, device, PAGE);
    const columns = new ClaimColumns(tables.origins, tables.shapes, space);
    for (const [rowId, origin, shape, at, data, rowMinute] of rows) {
      columns.addRow([rowId, origin, shape, at, data]);
      [minute, id] = [rowMinute, rowId];
    }
    if (columns.length > 0) yield columns.take();
    if (rows.length < PAGE) return;
  }
}
