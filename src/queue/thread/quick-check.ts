import { parentPort, workerData } from 'node:worker_threads';
import BetterSqlite3 from 'better-sqlite3';
import { troubleOf } from '../file/sqlite-error.ts';

/** A thread of its own: reads the whole database on a second connection and posts what is wrong, or null. */
function check(path: string): string | null {
  const db = new BetterSqlite3(path, { readonly: true, fileMustExist: true });
  try {
    const [first] = db.prepare<[], { quick_check: string }>('PRAGMA quick_check(1)').all();
    return first === undefined || first.quick_check === 'ok' ? null : first.quick_check;
  } catch (error) {
    if (troubleOf(error) === 'corrupt') return String(error);
    throw error;
  } finally {
    db.close();
  }
}

parentPort?.postMessage(check(String(workerData)), []);
