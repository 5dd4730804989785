/** The entry of the queue's thread: takes the lock, opens the database, and serves. */
import { parentPort, Worker, workerData, type MessagePort } from 'node:worker_threads';
import { join } from 'node:path';
import { systemClock } from '../../platform/clock.ts';
import { systemDiskSpace } from '../../platform/disk-space.ts';
import { DATABASE_FILE, prepareDataDir } from '../file/data-dir.ts';
import { takeLock } from '../file/lock.ts';
import { openStore } from '../work/open-store.ts';
import { portLog } from './port-log.ts';
import type { Reply, ThreadData } from './protocol.ts';
import { Server } from './server.ts';
import { Watchdog } from './watchdog.ts';
import { toWire } from './wire-error.ts';

function serve(port: MessagePort, { options, now, startedMono, beat, watchdogMs }: ThreadData): void {
  const post = (reply: Reply): void => port.postMessage(reply);
  const log = portLog(post);
  const path = join(options.dataDir, DATABASE_FILE);
  prepareDataDir(options.dataDir);
  const lock = takeLock(options.dataDir);
  try {
    const { store, opening } = openStore(options, { now, startedMono, log, diskSpace: systemDiskSpace });
    const watchdog = new Watchdog(beat, watchdogMs);
    const server = new Server({
      store,
      path,
      lock,
      port,
      log,
      watchdog,
      watchdogMs,
      bootId: options.bootId,
      clock: systemClock,
    });
    server.start();
    post({ kind: 'opened', opening });
    if (opening.unclean) quickCheck(path, (reason) => server.damaged(reason));
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** After an unclean stop, while collecting has begun. */
function quickCheck(path: string, onDamage: (reason: string) => void): void {
  const entry = new URL(import.meta.url.endsWith('.ts') ? './quick-check.ts' : './quick-check.js', import.meta.url);
  const worker = new Worker(entry, { workerData: path });
  worker.unref();
  worker.on('message', (reason: string | null) => {
    if (reason !== null) onDamage(reason);
  });
}

if (parentPort !== null) {
  try {
    serve(parentPort, workerData as ThreadData);
  } catch (error) {
    parentPort.postMessage({ kind: 'refused', error: toWire(error) } satisfies Reply, []);
    parentPort.close();
  }
}
