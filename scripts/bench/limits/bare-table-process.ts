/**
 * What the same rows cost a card at the least: one table, nothing beside it, as durable, committed as often. After its warm-up it
 * waits for SIGUSR2, then for SIGTERM.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { deviceName, readings, valuesOf, type Reading } from '../household.ts';
import { openBareDatabase } from './bare-database.ts';

export interface BareTableArgument {
  readonly path: string;
  readonly perSecond: number;
  readonly readings: number;
  readonly lingerMs: number;
  readonly devices: number;
  readonly warmUp: { readonly devices: number; readonly perDevice: number };
}

/** The gateway's groups while it takes in as fast as it can. */
const PER_WARM_UP_COMMIT = 128;

const argument = JSON.parse(process.argv[2] ?? '{}') as BareTableArgument;
const db = openBareDatabase(
  argument.path,
  'readings (id INTEGER PRIMARY KEY, device INTEGER NOT NULL, at REAL NOT NULL, data BLOB NOT NULL) STRICT',
);
const insert = db.prepare<[number, number, Buffer]>('INSERT INTO readings (device, at, data) VALUES (?, ?, ?)');
const numbers = new Map<string, number>();
const store = db.transaction((group: readonly Reading[]) => {
  for (const reading of group) {
    const number = numbers.get(reading.device) ?? numbers.size;
    numbers.set(reading.device, number);
    // Ten whole numbers of four bytes each: what the gateway stores of them, too.
    insert.run(number, reading.atSeconds, Buffer.from(Int32Array.from(valuesOf(reading)).buffer));
  }
});

const { devices, perDevice } = argument.warmUp;
const warm = [...readings(devices, perDevice, 5, Math.floor(Date.now() / 1000) - 120)];
for (let from = 0; from < warm.length; from += PER_WARM_UP_COMMIT) store(warm.slice(from, from + PER_WARM_UP_COMMIT));
const keepAlive = setInterval(() => undefined, 1_000);
process.once('SIGUSR2', () => void write());
process.once('SIGTERM', () => {
  clearInterval(keepAlive);
  db.close();
  process.exit(0);
});
process.stdout.write('warm\n');

/** A group is committed at `linger` after its first reading. */
async function write(): Promise<void> {
  const start = performance.now();
  const everyMs = 1_000 / argument.perSecond;
  let group: Reading[] = [];
  let dueMs = Number.POSITIVE_INFINITY;
  for (let n = 0; n < argument.readings || group.length > 0;) {
    const nextMs = n < argument.readings ? start + n * everyMs : Number.POSITIVE_INFINITY;
    await sleep(Math.max(0, Math.min(nextMs, dueMs) - performance.now()));
    if (dueMs <= performance.now()) {
      store(group);
      group = [];
      dueMs = Number.POSITIVE_INFINITY;
    } else if (nextMs <= performance.now()) {
      if (group.length === 0) dueMs = performance.now() + argument.lingerMs;
      group.push({ device: deviceName(n % argument.devices), atSeconds: Math.floor(Date.now() / 1000), n: n++ });
    }
  }
  process.stdout.write('written\n');
}
