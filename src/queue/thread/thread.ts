/** The entry of the queue's thread: takes the lock, opens the database, and serves. */
import { join } from 'node:path';
import { parentPort, Worker, workerData, type MessagePort } from 'node:worker_threads';
import { EXIT, GatewayError } from '../../model/error.ts';
import { systemClock } from '../../platform/clock.ts';
import { systemDiskSpace } from '../../platform/disk-space.ts';
import { threadEntry } from '../../platform/program-files.ts';
import { DATABASE_FILE, prepareDataDir } from '../file/data-dir.ts';
import { takeLock } from '../file/lock.ts';
import { troubleOf } from '../file/sqlite-error.ts';
import { storageFailure } from '../file/storage-failure.ts';
import { noteTrouble } from '../file/storage-note.ts';
import { openStore } from '../work/open-store.ts';
import type { Log } from '../../platform/log.ts';
import { portLog } from './port-log.ts';
import type { Reply, ThreadData } from './protocol.ts';
import { Server } from './server.ts';
import { Watchdog } from './watchdog.ts';
import { toWire } from './wire-error.ts';

function serve(port: MessagePort, { options, now, startedMono, beat, watchdogMs }: ThreadData): void {
  const post = (reply: Reply): void => port.postMessage(reply);
  const log = portLog(post);
  const path = prepareDataDir(options.dataDir);
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
    if (opening.unclean) quickCheck(path, log, (reason) => server.damaged(reason));
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** After an unclean stop, while collecting has begun. */
function quickCheck(path: string, log: Log, onDamage: (reason: string) => void): void {
  const worker = new Worker(threadEntry('queue/thread/quick-check'), { workerData: path });
  worker.unref();
  worker.on('message', (reason: string | null) => {
    if (reason !== null) onDamage(reason);
  });
  worker.on('error', (error) => log.warn({ err: error }, 'the database could not be checked'));
}

/** While the gateway waits for its disk, `status` has only the note to go by. */
function noteFailure(failure: unknown, { options }: ThreadData): void {
  if (!(failure instanceof GatewayError) || failure.exitCode !== EXIT.failing) return;
  const kind = troubleOf(failure.cause) === 'full' ? 'full' : 'failing';
  const message = failure.cause instanceof Error ? failure.cause.message : failure.message;
  noteTrouble(join(options.dataDir, DATABASE_FILE), { kind, message });
}

if (parentPort !== null) {
  const data = workerData as ThreadData;
  try {
    serve(parentPort, data);
  } catch (error) {
    const refusal = storageFailure(error, data.options.dataDir);
    noteFailure(refusal, data);
    parentPort.postMessage({ kind: 'refused', error: toWire(refusal) } satisfies Reply, []);
    parentPort.close();
  }
}
