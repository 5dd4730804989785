import { Worker } from 'node:worker_threads';
import { SECOND, type DurationMs } from '../model/time.ts';
import { type Clock, systemClock } from '../platform/clock.ts';
import type { Log } from '../platform/log.ts';
import { threadEntry } from '../platform/program-files.ts';
import { QueueClient } from './queue-client.ts';
import type { Opening, Queue, QueueOptions } from './queue.ts';
import type { Reply, ThreadData } from './thread/protocol.ts';
import { killProcess } from './thread/watchdog.ts';
import { fromWire } from './thread/wire-error.ts';

const WATCHDOG_MS: DurationMs = 120 * SECOND;
const ANSWER_MS: DurationMs = 300 * SECOND;
const BEAT_EVERY = SECOND;

export interface QueueDependencies {
  readonly log: Log;
  /** The queue's thread died. Nothing can be stored any more: the process must end and be started again. */
  readonly onDeath: (error: Error) => void;
  readonly clock?: Clock | undefined;
  /** How long the main loop may stand still before the thread ends the process. Default 2 min. */
  readonly watchdogMs?: DurationMs;
  /** How long the thread may owe an answer before the process is ended. Default 5 min. */
  readonly answerMs?: DurationMs;
  /** Ends the process at once; the thread that hangs would hold up anything gentler. */
  readonly kill?: typeof killProcess;
}

/**
 * Opens the queue on a thread of its own. Throws a GatewayError when another process holds the data directory (exit code 6),
 * the database is newer than this program (5), or the directory cannot be used (2).
 */
export function openQueue(
  options: QueueOptions,
  dependencies: QueueDependencies,
): Promise<{ queue: Queue; opening: Opening }> {
  const { log, onDeath, clock = systemClock } = dependencies;
  const { watchdogMs = WATCHDOG_MS, answerMs = ANSWER_MS, kill = killProcess } = dependencies;
  const beat = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT);
  const workerData: ThreadData = {
    options: { ...options },
    now: clock.wallMs(),
    startedMono: clock.monoMs(),
    watchdogMs,
    beat,
  };
  const worker = new Worker(threadEntry('queue/thread/thread'), { workerData });
  const counter = new Int32Array(beat);
  const queue = new QueueClient(worker);
  const beating = setInterval(() => {
    Atomics.add(counter, 0, 1);
    if (queue.beat() * BEAT_EVERY >= answerMs) kill("the queue's thread has not answered", answerMs);
  }, BEAT_EVERY);
  beating.unref();

  return new Promise((resolve, reject) => {
    let opened = false;
    // An error is followed by the exit.
    let dead = false;
    const died = (error: Error): void => {
      clearInterval(beating);
      if (!opened) return reject(error);
      const first = !dead;
      dead = true;
      queue.fail(error);
      if (first && !queue.closed) onDeath(error);
    };
    worker.on('error', (error) => died(error instanceof Error ? error : new Error(String(error))));
    worker.on('exit', () => died(new Error("the queue's thread has ended")));
    worker.on('message', (reply: Reply) => {
      if (reply.kind === 'opened') {
        opened = true;
        resolve({ queue, opening: reply.opening });
      } else if (reply.kind === 'refused') reject(fromWire(reply.error));
      else if (reply.kind === 'log') log[reply.level](reply.fields, reply.message);
      else queue.receive(reply);
    });
  });
}
