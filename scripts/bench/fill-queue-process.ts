/** A process of its own: writes readings into a new queue through its interface, owed to the sink as the gateway registers it. */
import type { Filling } from './fill-queue.ts';
import { type Reading, readings } from './household.ts';
import { appendOf, openQueueIn } from './opened-queue.ts';

const PER_APPEND = 5_000;
const TELL_EVERY = 100_000;

const { dataDir, devices, perDevice, everySeconds, untilSeconds } = JSON.parse(process.argv[2] ?? '{}') as Filling;
const queue = await openQueueIn(dataDir);
const batch: Reading[] = [];
let stored = 0;
for (const reading of readings(devices, perDevice, everySeconds, untilSeconds)) {
  batch.push(reading);
  if (batch.length === PER_APPEND) await store();
}
if (batch.length > 0) await store();
await queue.close();

async function store(): Promise<void> {
  stored += batch.length;
  await queue.append(appendOf(batch.splice(0)));
  if (stored % TELL_EVERY < PER_APPEND) process.stdout.write(`stored ${stored}\n`);
}
