/** What a disk and SQLite can take at the most: payloads that are there already, inserted as they are, so many in one commit. */
import { rmSync } from 'node:fs';
import { amisPayload, readings } from '../household.ts';
import { openBareDatabase } from './bare-database.ts';

export interface BatchedInsertArgument {
  readonly path: string;
  readonly rows: number;
  readonly perCommit: number;
}

export interface BatchedInsert {
  readonly perSecond: number;
}

const DEVICES = 100;

const { path, rows, perCommit } = JSON.parse(process.argv[2] ?? '{}') as BatchedInsertArgument;
const payloads = [...readings(DEVICES, Math.ceil(rows / DEVICES), 5, Math.floor(Date.now() / 1000))]
  .slice(0, rows)
  .map((reading) => Buffer.from(amisPayload(reading)));
const db = openBareDatabase(path, 'payloads (id INTEGER PRIMARY KEY, payload BLOB NOT NULL) STRICT');
const insert = db.prepare<[Buffer]>('INSERT INTO payloads (payload) VALUES (?)');
const store = db.transaction((from: number) => {
  for (let i = from; i < Math.min(from + perCommit, rows); i++) insert.run(payloads[i] ?? Buffer.alloc(0));
});
const before = performance.now();
for (let from = 0; from < rows; from += perCommit) store(from);
const result: BatchedInsert = { perSecond: (rows * 1000) / (performance.now() - before) };
db.close();
rmSync(path);
process.stdout.write(`${JSON.stringify(result)}\n`);
