/** A process of its own: writes readings into a new queue through its interface, owed to the sink as the gateway registers it. */
import { ColumnsBuilder } from '../../src/model/reading-columns.ts';
import { DAY, HOUR, MINUTE, SECOND } from '../../src/model/time.ts';
import { readBootId } from '../../src/platform/boot-id.ts';
import { systemClock } from '../../src/platform/clock.ts';
import type { Log } from '../../src/platform/log.ts';
import { openQueue } from '../../src/queue/open-queue.ts';
import type { Append } from '../../src/queue/queue.ts';
import type { Filling } from './fill-queue.ts';
import { QUANTITIES, type Reading, readings, valuesOf } from './household.ts';

const PER_APPEND = 5_000;
const TELL_EVERY = 100_000;

const filling = JSON.parse(process.argv[2] ?? '{}') as Filling;

const silent: Log = {
  error: (fields, message) => void process.stderr.write(`${message} ${JSON.stringify(fields)}\n`),
  warn: () => undefined,
  info: () => undefined,
  debug: () => undefined,
  child: () => silent,
};

const { queue } = await openQueue(
  {
    dataDir: filling.dataDir,
    ttlMs: DAY,
    retentionMs: 30 * DAY,
    budgetBytes: 2 ** 33,
    minFreeDiskBytes: 0,
    bootId: readBootId(),
  },
  {
    log: silent,
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
const batch: Reading[] = [];
let stored = 0;
const { devices, perDevice, everySeconds, untilSeconds } = filling;
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

function appendOf(batch: readonly Reading[]): Append {
  const columns = new ColumnsBuilder();
  const mono = systemClock.monoMs();
  for (const reading of batch) {
    const origin = { device: reading.device, serial: reading.device, source: 'meter' };
    columns.add(origin, reading.atSeconds * SECOND, QUANTITIES, valuesOf(reading));
  }
  const at = Float64Array.from(batch, ({ atSeconds }) => atSeconds * SECOND);
  return {
    readings: columns.take(),
    receivedAt: at,
    mono: new Float64Array(batch.length).fill(mono),
    deviceTime: at.slice(),
    timeUnknown: new Uint8Array(batch.length),
    message: Uint32Array.from(batch.keys()),
    counts: [],
  };
}
