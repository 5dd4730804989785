import { onTestFinished } from 'vitest';
import { openQueue } from '../../src/queue/open-queue.ts';
import type { Queue, QueueReport } from '../../src/queue/queue.ts';
import { DYNATRACE, queueOptions, T0 } from './queue-fixture.ts';
import { silentLog } from './silent-log.ts';
import { until } from './until.ts';

/** More would be a crash loop. */
const MOST_OPENINGS = 3;

export interface Restarted {
  readonly queue: Queue;
  readonly openings: number;
  /** Once nothing is being salvaged any more. */
  readonly report: QueueReport;
}

/**
 * Opens the queue of a data directory as often as its thread ends while `use` runs or damaged readings are taken over, as the
 * supervisor of the gateway would. Throws when that does not end.
 */
export async function restartUntilServing(
  dataDir: string,
  use: (queue: Queue) => Promise<unknown>,
): Promise<Restarted> {
  let last: unknown;
  for (let openings = 1; openings <= MOST_OPENINGS; openings++) {
    const deaths: Error[] = [];
    const onDeath = (error: Error): void => void deaths.push(error);
    const { queue } = await openQueue(queueOptions({ dataDir }), { log: silentLog, onDeath });
    try {
      await queue.registerSinks([DYNATRACE]);
      await queue.confirmBoot(null);
      await use(queue);
      const report = await until(
        () => queue.report(T0),
        ({ salvaged }) => salvaged?.done !== false,
      );
      onTestFinished(() => queue.close());
      return { queue, openings, report };
    } catch (error) {
      last = error;
      await until(
        () => deaths.length,
        (count) => count > 0,
      );
    }
  }
  throw new Error(`still not served after ${MOST_OPENINGS} openings`, { cause: last });
}
