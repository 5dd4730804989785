import { EXIT, GatewayError } from '../model/error.ts';
import { MINUTE, SECOND, type DurationMs } from '../model/time.ts';
import { systemClock } from '../platform/clock.ts';
import { OPENING_MS, openQueue, type QueueDependencies } from './open-queue.ts';
import type { Opening, Queue, QueueOptions } from './queue.ts';

const LONGEST_PAUSE: DurationMs = MINUTE;

export interface OpenWhenWritableDependencies extends QueueDependencies {
  /** It cannot be opened yet; within so long it is, or this is called again. */
  readonly onWaiting: (withinMs: DurationMs) => void;
}

/**
 * Opens the queue as `openQueue` does, and waits for a disk that is full, read-only or failing: to end would only have the
 * supervisor start the gateway again and again.
 */
export async function openWhenWritable(
  options: QueueOptions,
  dependencies: OpenWhenWritableDependencies,
): Promise<{ queue: Queue; opening: Opening }> {
  const { log, onWaiting, clock = systemClock } = dependencies;
  let said = '';
  for (let pause = SECOND; ; pause = Math.min(2 * pause, LONGEST_PAUSE)) {
    try {
      return await openQueue(options, dependencies);
    } catch (error) {
      if (!(error instanceof GatewayError) || error.exitCode !== EXIT.failing) throw error;
      if (error.message !== said)
        log.error({ reason: error.message, hint: error.hint }, 'nothing can be collected yet');
      said = error.message;
      onWaiting(pause + OPENING_MS);
      await clock.sleep(pause);
    }
  }
}
