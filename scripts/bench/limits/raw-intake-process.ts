/**
 * What an intake can be at the most: the gateway's own MQTT client, behind which the payloads are only stored as they came, committed
 * at half the window as the gateway does it.
 */
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { systemClock } from '../../../src/platform/clock.ts';
import { systemRandom } from '../../../src/platform/random.ts';
import { MqttSource } from '../../../src/sources/mqtt/mqtt-source.ts';
import type { Payload } from '../../../src/sources/source.ts';
import { ERRORS_ONLY_LOG } from '../errors-only-log.ts';
import { paceOf, type Sighting } from '../pace-of.ts';
import type { Payloads } from './raw-table-thread.ts';

export interface RawIntakeArgument {
  readonly brokerPort: number;
  readonly protocol: '5' | '3.1.1';
  readonly topic: string;
  readonly path: string;
  readonly messages: number;
}

export interface RawIntake {
  readonly perSecond: number;
  readonly messagesPerCommit: number;
  /** Since it was connected. */
  readonly cpuSeconds: number;
}

/** Nothing more has come for so long: what is left is less than half a window. */
const QUIET_MS = 25;

const argument = JSON.parse(process.argv[2] ?? '{}') as RawIntakeArgument;
const source = new MqttSource({
  name: 'raw',
  url: `mqtt://127.0.0.1:${argument.brokerPort}`,
  protocol: argument.protocol,
  clientId: 'bench-raw',
  topics: [argument.topic],
  maxPayloadBytes: 64 * 1024,
  clock: systemClock,
  random: systemRandom,
  log: ERRORS_ONLY_LOG,
});
const table = new Worker(join(import.meta.dirname, 'raw-table-thread.ts'), { workerData: argument.path });
const sightings: Sighting[] = [{ atMs: performance.now(), count: 0 }];
let gathered: Uint8Array[] = [];
let stored = Promise.withResolvers<void>();
let committing: (() => void) | null = null;
let committed = 0;
let commits = 0;
let quiet: NodeJS.Timeout | undefined;
const done = Promise.withResolvers<void>();

table.on('error', done.reject);
table.on('message', (count: number) => {
  committed += count;
  commits++;
  sightings.push({ atMs: performance.now(), count: committed });
  committing?.();
  committing = null;
  if (committed >= argument.messages) done.resolve();
  else commitIfDue();
});
await source.start({ accept, refuse: () => Promise.reject(new Error('refused')), drop: () => undefined });
await connected();
const cpuBefore = process.cpuUsage();
process.stdout.write('connected\n');
await done.promise;
const { user, system } = process.cpuUsage(cpuBefore);
await source.stop(1_000);
await table.terminate();
const result: RawIntake = {
  perSecond: paceOf(sightings, argument.messages, 0.1, 0.9),
  messagesPerCommit: committed / commits,
  cpuSeconds: (user + system) / 1e6,
};
process.stdout.write(`${JSON.stringify(result)}\n`);

function accept({ bytes }: Payload): Promise<void> {
  gathered.push(bytes);
  commitIfDue();
  return stored.promise;
}

function commitIfDue(): void {
  if (committing !== null || gathered.length === 0) return;
  clearTimeout(quiet);
  if (gathered.length >= source.window / 2) commit();
  else quiet = setTimeout(() => committing ?? (gathered.length > 0 && commit()), QUIET_MS);
}

function commit(): void {
  const ends = new Uint32Array(gathered.length);
  let end = 0;
  for (const [i, { length }] of gathered.entries()) ends[i] = end += length;
  const bytes = new Uint8Array(end);
  for (const [i, payload] of gathered.entries()) bytes.set(payload, i === 0 ? 0 : ends[i - 1]);
  gathered = [];
  committing = stored.resolve;
  stored = Promise.withResolvers();
  table.postMessage({ bytes, ends } satisfies Payloads, [bytes.buffer, ends.buffer]);
}

async function connected(): Promise<void> {
  while (source.status().state !== 'connected') await new Promise((resolve) => setTimeout(resolve, 20));
}
