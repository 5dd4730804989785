/**
 * A simulated month: one meter, outages of the sink, an expired token, restarts of the broker, stops and kills, in accelerated
 * time. Ends with the books: what was published must be in the ledger, memory flat, files bounded.
 */
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { DAY, HOUR, SECOND } from '../../src/model/time.ts';
import { systemClock } from '../../src/platform/clock.ts';
import { openInspector } from '../../src/queue/open-inspector.ts';
import type { QueueReport } from '../../src/queue/queue.ts';
import { StandIn } from '../../src/simulate/dynatrace/stand-in.ts';
import { Publisher } from '../../src/sources/mqtt/publisher.ts';
import { amisPayload } from '../../test/support/amis.ts';
import { HurriedClock } from '../../test/support/hurried-clock.ts';
import { Mosquitto } from '../../test/support/mosquitto.ts';
import { calamities, type Calamity } from './calamities.ts';
import { Daemon } from './daemon.ts';
import { verdict, type Sample } from './verdict.ts';

const { values } = parseArgs({
  options: {
    days: { type: 'string', default: '30' },
    // The watchdogs' five minutes are a second and a quarter then: faster, and a busy machine looks like a hang.
    speed: { type: 'string', default: '240' },
    seed: { type: 'string', default: '1' },
  },
});
const [days, speed, seed] = [Number(values.days), Number(values.speed), Number(values.seed)];
const PUBLISH_EVERY = 30 * SECOND;
const LOOK_EVERY = HOUR;
const BUDGET_BYTES = 64 * 1024 ** 2;
const DRAIN_WITHIN_MS = 120_000;

const dir = mkdtempSync(join(tmpdir(), 'gateway-soak-'));
const dataDir = join(dir, 'data');
const tokenFile = join(dir, 'token');
const startWall = Date.now();
const startMono = systemClock.monoMs();
const clock = new HurriedClock(startWall, speed, startMono);
const random = randomOf(seed);

let tokens = 0;
const standIn = await startStandIn();
const mosquitto = await Mosquitto.start({
  config: ['allow_anonymous true', 'max_queued_messages 0', 'persistence true', 'persistence_location {dir}/'],
});
writeFileSync(
  join(dir, 'gateway.yaml'),
  `
dataDir: ${dataDir}
queue: { budget: 64MiB, minFreeDisk: 0MiB, retention: 3d }
sources:
  - { type: mqtt, name: meter, url: "mqtt://127.0.0.1:${mosquitto.port}", topics: [amis/data], clientId: soak }
sinks:
  - { type: dynatrace, name: dynatrace, url: "${standIn.url}", tokenFile: ${tokenFile} }
`,
);
const daemon = new Daemon({ config: join(dir, 'gateway.yaml'), startWall, startMono, speed });
let publisher = await connect();
const samples: Sample[] = [];
let published = 0;
let brokerDown = false;
try {
  await daemon.start();
  // What is published before it has subscribed nobody has asked for.
  await waitFor(() => report()?.sources.length !== undefined);
  await systemClock.sleep(2_000);
  const running = [publish(), look(), play(calamities(days, random))];
  await Promise.all(running);
  standIn.heal();
  await daemon.supervise();
  await waitFor(() => (report()?.pendingValues ?? 1) === 0, DRAIN_WITHIN_MS);
  await daemon.end('SIGTERM');
  const books = report();
  if (books === null) throw new Error('there is no database');
  const { text, holds } = verdict({
    days,
    published,
    books,
    samples,
    crashes: daemon.crashes,
    budgetBytes: BUDGET_BYTES,
  });
  process.stdout.write(text);
  process.exitCode = holds ? 0 : 1;
} finally {
  await daemon.end('SIGKILL');
  await publisher.close();
  await mosquitto.stop();
  await standIn.stop();
  rmSync(dir, { recursive: true, force: true });
}

/** QoS 1, each at its own time; while the broker is away the meter keeps quiet. */
async function publish(): Promise<void> {
  for (let due = 0; due < days * DAY; due += PUBLISH_EVERY) {
    await until(due);
    if (brokerDown) continue;
    try {
      await publisher.publish('amis/data', amisPayload(published, clock.wallMs()), { qos: 1, retain: false });
      published++;
    } catch {
      // The broker went away under it; whether it has the message nobody knows, so it is not counted on.
      brokerDown = true;
    }
  }
}

async function look(): Promise<void> {
  for (let due = LOOK_EVERY; due < days * DAY; due += LOOK_EVERY) {
    await until(due);
    await daemon.supervise();
    const residentMiB = daemon.residentMiB();
    if (residentMiB !== null) samples.push({ residentMiB, ...sizes() });
    const books = report();
    process.stderr.write(
      `\rday ${(due / DAY).toFixed(2)}  published ${published}  stored ${books?.storedReadings ?? 0}  pending ${books?.pendingValues ?? 0}  ${Math.round(residentMiB ?? 0)} MiB   `,
    );
  }
  process.stderr.write('\n');
}

async function play(list: readonly Calamity[]): Promise<void> {
  const over: Promise<void>[] = [];
  for (const calamity of list) {
    await until(calamity.at);
    over.push(happen(calamity));
  }
  await Promise.all(over);
  await until(days * DAY);
}

async function happen({ kind, forMs }: Calamity): Promise<void> {
  if (kind === 'sink busy') standIn.fault({ kind: 'status', status: 503 });
  else if (kind === 'sink resets') standIn.fault({ kind: 'reset' });
  else if (kind === 'sink hangs') standIn.fault({ kind: 'hang', ms: 200 });
  else if (kind === 'flapping') {
    for (let passed = 0; passed < forMs; passed += 60 * SECOND) {
      standIn.fault({ kind: 'reset', times: 3 });
      await clock.sleep(60 * SECOND);
    }
  } else if (kind === 'token expires') standIn.fault({ kind: 'status', status: 401 });
  else if (kind === 'broker restart') {
    brokerDown = true;
    await publisher.close();
    await mosquitto.kill('SIGTERM');
  } else await daemon.end(kind === 'stop' ? 'SIGTERM' : 'SIGKILL');
  await clock.sleep(forMs);
  if (kind === 'broker restart') {
    await mosquitto.run();
    publisher = await connect();
    brokerDown = false;
  } else if (kind === 'stop' || kind === 'kill') await daemon.start();
  else {
    if (kind === 'token expires') writeFileSync(tokenFile, newToken());
    standIn.heal();
  }
}

function report(): QueueReport | null {
  try {
    const inspector = openInspector(dataDir);
    try {
      return inspector.report(clock.wallMs());
    } finally {
      inspector.close();
    }
  } catch {
    return null;
  }
}

function sizes(): Omit<Sample, 'residentMiB'> {
  const files = readdirSync(dataDir);
  const bytes = (name: string): number => statSync(join(dataDir, name), { throwIfNoEntry: false })?.size ?? 0;
  return { files: files.length, databaseBytes: bytes('queue.db'), walBytes: bytes('queue.db-wal') };
}

async function startStandIn(): Promise<StandIn> {
  writeFileSync(tokenFile, newToken());
  return StandIn.start({ now: () => clock.wallMs(), keepArrivals: false, keepBodies: false, store: false });
}

function newToken(): string {
  return `dt0c01.${'A'.repeat(24)}.${String(tokens++).padStart(64, '0')}`;
}

function connect(): Promise<Publisher> {
  const options = { url: mosquitto.url, protocol: '3.1.1' as const, clientId: 'soak-meter' };
  return Publisher.connect(options, AbortSignal.timeout(10_000));
}

async function waitFor(done: () => boolean, withinMs = 30_000): Promise<void> {
  for (const until = performance.now() + withinMs; performance.now() < until;) {
    if (done()) return;
    await systemClock.sleep(200);
  }
}

/** Park and Miller's generator: the same month for the same seed. */
function randomOf(start: number): () => number {
  let state = (start % 2_147_483_646) + 1;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

/** Sleeps until a simulated instant, counted from the start. */
function until(at: number): Promise<void> {
  return clock.sleep(Math.max(0, startWall + at - clock.wallMs()));
}
