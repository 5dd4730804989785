/** The queue's own interface, for processes that write readings without a gateway. */
import { ColumnsBuilder } from '../../src/model/reading-columns.ts';
import { DAY, type DurationMs, HOUR, MINUTE, SECOND } from '../../src/model/time.ts';
import { readBootId } from '../../src/platform/boot-id.ts';
import { systemClock } from '../../src/platform/clock.ts';
import { openQueue } from '../../src/queue/open-queue.ts';
import type { Append, Queue } from '../../src/queue/queue.ts';
import { ERRORS_ONLY_LOG } from './errors-only-log.ts';
import { QUANTITIES, type Reading, valuesOf } from './household.ts';

/** What is stored is owed to the sink as the gateway registers it, and its time is fixed. */
export async function openQueueIn(
  dataDir: string,
  { ttlMs = DAY, retentionMs = 30 * DAY }: { readonly ttlMs?: DurationMs; readonly retentionMs?: DurationMs } = {},
): Promise<Queue> {
  const { queue } = await openQueue(
    { dataDir, ttlMs, retentionMs, budgetBytes: 2 ** 33, minFreeDiskBytes: 0, bootId: readBootId() },
    {
      log: ERRORS_ONLY_LOG,
      onDeath: (error) => {
        throw error;
      },
    },
  );
  await queue.registerSinks([
    {
      name: 'dynatrace',
      type: 'dynatrace',
      backfill: false,
      routes: [
        { name: 'metrics', behindMs: 55 * MINUTE },
        { name: 'late', behindMs: 23 * HOUR },
      ],
    },
  ]);
  await queue.confirmBoot(null);
  return queue;
}

/** A message each. */
export function appendOf(batch: readonly Reading[]): Append {
  const columns = new ColumnsBuilder();
  for (const reading of batch) {
    const origin = { device: reading.device, serial: reading.device, source: 'meter' };
    columns.add(origin, reading.atSeconds * SECOND, QUANTITIES, valuesOf(reading));
  }
  const at = Float64Array.from(batch, ({ atSeconds }) => atSeconds * SECOND);
  return {
    readings: columns.take(),
    receivedAt: at,
    mono: new Float64Array(batch.length).fill(systemClock.monoMs()),
    deviceTime: at.slice(),
    timeUnknown: new Uint8Array(batch.length),
    message: Uint32Array.from(batch.keys()),
    counts: [],
  };
}
