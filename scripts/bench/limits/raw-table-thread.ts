/** A thread of its own, like the queue's: stores payloads as they are, a group in one commit. */
import { parentPort, workerData } from 'node:worker_threads';
import { openBareDatabase } from './bare-database.ts';

export interface Payloads {
  /** One behind the other. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Where each ends. */
  readonly ends: Uint32Array<ArrayBuffer>;
}

const db = openBareDatabase(String(workerData), 'payloads (id INTEGER PRIMARY KEY, payload BLOB NOT NULL) STRICT');
const insert = db.prepare<[Uint8Array]>('INSERT INTO payloads (payload) VALUES (?)');
const store = db.transaction(({ bytes, ends }: Payloads) => {
  let from = 0;
  for (const end of ends) {
    insert.run(bytes.subarray(from, end));
    from = end;
  }
});

parentPort?.on('message', (payloads: Payloads) => {
  store(payloads);
  parentPort?.postMessage(payloads.ends.length, []);
});
