import { copyFileSync, mkdirSync, openSync, closeSync, truncateSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { buildStatus } from '../../src/report/build-status.ts';
import { counted } from '../../src/report/human.ts';
import { reportFault, within } from '../support/fault-report.ts';
import { at, REQUEST, T0, TestQueue } from '../support/queue-fixture.ts';
import { expectBalanced } from '../support/queue-recount.ts';
import { appendOf, type TestReading } from '../support/queue-readings.ts';
import { statusInput } from '../support/queue-report.ts';
import { restartUntilServing } from '../support/restarted-queue.ts';
import { tempDir } from '../support/temp-dir.ts';

const PAGE = 4096;
const READINGS = 6_000;
/** At most. */
const ON_A_PAGE = 100;
const VALUES = Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`q.${i}`, i * 1000.5]));

interface Damage {
  readonly to: string;
  readonly harm: (database: string) => void;
  /** How many of the readings are found again, at least; all of them where nothing of them was harmed. */
  readonly recovered: number;
}

const DAMAGES: readonly Damage[] = [
  { to: 'the header: zeroed', harm: (file) => overwrite(file, 0, Buffer.alloc(100)), recovered: READINGS },
  {
    to: 'pages of readings',
    harm: (file) => overwrite(file, 40 * PAGE, garbage(3 * PAGE)),
    recovered: READINGS - 3 * ON_A_PAGE,
  },
  { to: 'the end: cut off', harm: (file) => truncateSync(file, 45 * PAGE), recovered: 1_000 },
];

describe('damage to the database', () => {
  it.each(DAMAGES)('$to: what can be read is taken over, the rest is counted', within(30_000), async (damage) => {
    const dataDir = await stoppedQueue();
    damage.harm(join(dataDir, 'queue.db'));
    let acknowledged = READINGS;
    const { openings, report, queue } = await restartUntilServing(dataDir, async (restarted) => {
      await restarted.append(appendOf([{ at: at(50) }]));
      acknowledged++;
      await readAllOf(restarted);
    });
    expect(openings).toBeLessThanOrEqual(2);
    expect(report.salvaged).toMatchObject({ done: true, movedTo: expect.stringContaining('queue.db.corrupt-') });
    const { readingsRecovered = 0, readingsLost = 0 } = report.salvaged ?? {};
    expect(readingsRecovered).toBeGreaterThanOrEqual(damage.recovered);
    expectBalanced(dataDir, await queue.report(T0));

    const problem = buildStatus(statusInput({ report })).problems.find(({ code }) => code === 'database.salvaged');
    expect(problem?.message).toContain(
      `${counted(readingsRecovered, 'reading')} recovered, ${counted(readingsLost ?? 0, 'reading')} could not be read`,
    );
    expect(problem?.hint).toContain(report.salvaged?.movedTo);
    const lost = acknowledged - report.storedReadings - (readingsLost ?? 0);
    reportFault({
      fault: `damage to ${damage.to}`,
      rounds: 1,
      acknowledged,
      lost,
      duplicates: 0,
      unaccounted: 0,
    });
  });

  it.each<[string, (file: string) => void]>([
    ['the first sector', (file) => overwrite(file, 0, Buffer.alloc(512))],
    ['the schema', (file) => overwrite(file, 100, garbage(PAGE - 100))],
    ['every byte: emptied', (file) => truncateSync(file, 0)],
  ])('%s: nothing can be read; it begins anew and says so', within(30_000), async (_, harm) => {
    const dataDir = await stoppedQueue();
    harm(join(dataDir, 'queue.db'));
    const { openings, report } = await restartUntilServing(dataDir, (queue) =>
      queue.append(appendOf([{ at: at(50) }])),
    );
    expect(openings).toBe(1);
    expect(report).toMatchObject({
      storedReadings: 1,
      salvaged: { readingsRecovered: 0, readingsLost: null, done: true },
    });
    expect(buildStatus(statusInput({ report })).problems.map(({ code }) => code)).toContain('database.salvaged');
  });

  it('a write-ahead log that another database left there is moved aside, not replayed', within(30_000), async () => {
    const dataDir = await stoppedQueue();
    const other = await TestQueue.open();
    // Fewer, so that its count cannot pass for that of the database.
    await other.append(...readings(300).slice(0, READINGS / 2));
    copyFileSync(join(other.dataDir, 'queue.db-wal'), join(dataDir, 'queue.db-wal'));
    const { openings, report } = await restartUntilServing(dataDir, (queue) =>
      queue.append(appendOf([{ at: at(50) }])),
    );
    expect({ openings, salvaged: report.salvaged }).toEqual({ openings: 1, salvaged: null });
    const lost = READINGS + 1 - report.storedReadings;
    reportFault({
      fault: 'a stray write-ahead log',
      rounds: 1,
      acknowledged: READINGS,
      lost,
      duplicates: 0,
      unaccounted: 0,
    });
  });

  it(
    'an empty file beside a write-ahead log: the log still has what was never in the file',
    within(30_000),
    async () => {
      const running = await TestQueue.open();
      await running.append(...readings(0));
      const dataDir = join(tempDir(), 'data');
      mkdirSync(dataDir);
      for (const name of ['queue.db', 'queue.db-wal', 'queue.db.trouble'])
        copyFileSync(join(running.dataDir, name), join(dataDir, name));
      truncateSync(join(dataDir, 'queue.db'), 0);
      const { report } = await restartUntilServing(dataDir, (queue) => queue.append(appendOf([{ at: at(50) }])));
      expect(report).toMatchObject({
        storedReadings: READINGS + 1,
        salvaged: { readingsRecovered: READINGS, readingsLost: 0 },
      });
    },
  );
});

async function stoppedQueue(): Promise<string> {
  const test = await TestQueue.open();
  await test.append(...readings(0));
  await test.close();
  return test.dataDir;
}

function readings(minute: number): TestReading[] {
  return Array.from({ length: READINGS }, (_, i) => ({ at: at(minute, i / 20), values: VALUES }));
}

/** Every page of readings, as the dispatcher would. */
async function readAllOf(queue: Awaited<ReturnType<typeof restartUntilServing>>['queue']): Promise<void> {
  for (let claim = await queue.claim({ ...REQUEST, maxItems: 100_000 }); claim !== null; claim = null)
    await queue.release(claim.id);
}

function overwrite(file: string, offset: number, bytes: Buffer): void {
  const fd = openSync(file, 'r+');
  writeSync(fd, bytes, 0, bytes.length, offset);
  closeSync(fd);
}

function garbage(length: number): Buffer {
  return Buffer.alloc(length, 0xa5);
}
