import { readBootId } from '../../src/platform/boot-id.ts';
import { HOUR, MINUTE } from '../../src/model/time.ts';
import type { SinkRegistration } from '../../src/queue/queue.ts';
import { TestQueue } from './queue-fixture.ts';
import type { TestReading } from './queue-readings.ts';

const GROUP = 2_000;
/** As the gateway registers it. */
const SINK: SinkRegistration = {
  name: 'dynatrace',
  type: 'dynatrace',
  backfill: false,
  routes: [
    { name: 'metrics', behindMs: 55 * MINUTE },
    { name: 'late', behindMs: 23 * HOUR },
  ],
};

/** Stores readings, with a confirmed clock and owed to Dynatrace, as a gateway would that was stopped since; how many values. */
export async function seedQueue(dataDir: string, readings: readonly TestReading[]): Promise<number> {
  const store = await TestQueue.open({ dataDir, sinks: [SINK], bootId: readBootId(), budgetBytes: 1024 ** 3 });
  let values = 0;
  for (let from = 0; from < readings.length; from += GROUP) {
    values += (await store.append(...readings.slice(from, from + GROUP))).values;
  }
  await store.close();
  return values;
}
