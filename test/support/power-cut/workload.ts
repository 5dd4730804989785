/**
 * One life of the process that is recorded: the product's own queue at everything it does to its files. Arguments: the data
 * directory, the file for the marks, a seed, the number of the first reading, how many groups of readings, the boot, and how
 * it ends. Says the number of the next reading.
 */
import { join } from 'node:path';
import { MINUTE, minuteOf, SECOND } from '../../../src/model/time.ts';
import { DATABASE_FILE } from '../../../src/queue/file/data-dir.ts';
import { markDamaged } from '../../../src/queue/file/quarantine.ts';
import { openInspector } from '../../../src/queue/open-inspector.ts';
import { openQueue } from '../../../src/queue/open-queue.ts';
import type { Claim, Lane, Queue } from '../../../src/queue/queue.ts';
import { appendOf } from '../queue-readings.ts';
import { SeededRandom } from '../seeded-random.ts';
import { silentLog } from '../silent-log.ts';
import { MarkWriter, type Settled } from './marks.ts';
import { numberOf, optionsFor, QUANTITIES, SINK, timeOf, valuesOf } from './scene.ts';

export type Ending = 'stop' | 'kill' | 'damage';

const [dataDir = '', marksPath = '', seed = '', first = '', groups = '', bootId = '', ending = ''] =
  process.argv.slice(2);
const LANES: readonly (readonly [Lane, string])[] = [
  ['live', 'metrics'],
  ['backlog', 'metrics'],
  ['backlog', 'late'],
  ['retry', 'metrics'],
  ['retry', 'late'],
  ['replay', 'metrics'],
  ['replay', 'late'],
];
/** Groups for which nothing is sent: readings go late, and some expire. */
const OUTAGE_GROUPS = 25;

const marks = new MarkWriter(marksPath);
const random = new SeededRandom(Number(seed));
const inspector = openInspector(dataDir);
let appended = Number(first);
/** Settled, and not yet in a commit that was answered for. */
let unsettled: { readonly lane: string; readonly result: Settled }[] = [];

const { queue } = await openQueue(optionsFor(dataDir, bootId), {
  log: silentLog,
  onDeath: (error) => {
    throw error;
  },
});
await queue.registerSinks([SINK]);
await queue.confirmBoot(null);
await run(Number(groups));
process.stdout.write(`${appended}\n`, () => void end(ending as Ending));

async function run(count: number): Promise<void> {
  const outage = Math.floor(count * 0.3);
  for (let i = 0; i < count; i++) {
    await append(random.between(1, 13));
    if (i < outage || i > outage + OUTAGE_GROUPS) await send();
    if (i % 5 === 0) queue.putState('daemon', { appended }, SECOND);
    if (i % 7 === 0) await advance();
    if (i % 31 === 30) decideAboutLetters();
    if (i % 23 === 22) replay();
  }
}

async function end(how: Ending): Promise<void> {
  inspector.close();
  if (how === 'damage') {
    marks.write({ kind: 'damaged' });
    markDamaged(join(dataDir, DATABASE_FILE));
  }
  if (how !== 'stop') process.kill(process.pid, 'SIGKILL');
  const before = unsettled;
  await queue.close();
  committed(before);
}

async function append(count: number): Promise<void> {
  const before = unsettled;
  const numbers = Array.from({ length: count }, (_, i) => appended + i);
  marks.write({ kind: 'appending', before: appended + count });
  await queue.append(
    appendOf(
      numbers.map((n) => ({
        at: timeOf(n),
        values: Object.fromEntries(valuesOf(n).map((value, i) => [QUANTITIES[i] ?? '', value])),
      })),
    ),
  );
  appended += count;
  marks.write({ kind: 'acknowledged', before: appended });
  committed(before);
}

function committed(results: typeof unsettled): void {
  unsettled = unsettled.filter((one) => !results.includes(one));
  for (const { result } of results) marks.write({ kind: 'settled', result });
}

async function send(): Promise<void> {
  for (const [lane, route] of LANES) {
    if (!random.chance(lane === 'live' ? 0.5 : 0.25)) continue;
    const minute = minuteOf(timeOf(appended));
    const own = unsettled.filter((one) => one.lane === lane + route);
    const claim = await queue.claim({
      sink: SINK.name,
      route,
      lane,
      dueBefore: minute,
      liveFrom: minute - 2,
      oldest: minute - 60,
      maxItems: random.between(5, 60),
      count: 'values',
    });
    // A lane's next batch comes after its last one was committed.
    committed(own);
    if (claim === null) continue;
    if (random.chance(0.1)) await queue.release(claim.id);
    else await settle(claim, lane, route);
  }
}

async function settle(claim: Claim, lane: Lane, route: string): Promise<void> {
  const { readings } = claim;
  const count = random.chance(0.8) ? readings.length : random.between(1, readings.length);
  const numbers = Array.from(readings.at.slice(0, count), numberOf);
  const refuses = lane === 'live' || lane === 'backlog';
  const dead = refuses && random.chance(0.3) ? numbers.slice(0, 1) : [];
  const tooOld = refuses && route === 'metrics' && random.chance(0.2) ? numbers.slice(1, 2) : [];
  const result: Settled = { readings: numbers, dead, tooOld };
  if (refuses) marks.write({ kind: 'settling', result });
  else if (lane === 'retry') marks.write({ kind: 'letters', readings: numbers });
  await queue.settle({
    claim: claim.id,
    readings: count,
    deadLetters: dead.map((n) => draft(n, 'refused for good')),
    tooOld: tooOld.map((n) => draft(n, 'too old')),
    now: timeOf(appended),
  });
  if (refuses) unsettled.push({ lane: lane + route, result });
}

function draft(n: number, reason: string): Parameters<Queue['settle']>[0]['deadLetters'][number] {
  return { device: 'meter', quantity: QUANTITIES[0], samples: [[timeOf(n), valuesOf(n)[0] ?? 0]], reason };
}

async function advance(): Promise<void> {
  const before = unsettled;
  const now = timeOf(appended);
  marks.write({ kind: 'advancing', now });
  await queue.advance(now);
  committed(before);
}

/** As `gateway dead-letters` does, beside the daemon. */
function decideAboutLetters(): void {
  const letters = inspector.deadLetters({ limit: 6 });
  marks.write({ kind: 'letters', readings: letters.flatMap(({ samples }) => samples.map(([at]) => numberOf(at))) });
  inspector.retryDeadLetters({ limit: 3 });
  inspector.purgeDeadLetters({ limit: 3 });
}

/** As `gateway replay` does, beside the daemon. */
function replay(): void {
  const now = timeOf(appended);
  const [queued] = inspector.queueReplay({
    from: now - 8 * MINUTE,
    to: now - MINUTE,
    wholeMinutes: true,
    now,
    windows: { [SINK.name]: SINK.routes.map(({ name, behindMs }) => ({ route: name, behindMs })) },
  });
  if (queued !== undefined) marks.write({ kind: 'replay', id: queued.id });
}
