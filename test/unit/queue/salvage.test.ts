import { closeSync, openSync, readdirSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import BetterSqlite3 from 'better-sqlite3';
import { expect, it } from 'vitest';
import { openQueue } from '../../../src/queue/open-queue.ts';
import { at, queueOptions, TestQueue } from '../../support/queue-fixture.ts';
import type { TestReading } from '../../support/queue-readings.ts';
import { silentLog } from '../../support/silent-log.ts';

const PAGE = 4096;
const VALUES = Object.fromEntries(Array.from({ length: 10 }, (_, i) => [`q.${i}`, i * 1000.5]));

function day(): TestReading[] {
  return Array.from({ length: 6_000 }, (_, i) => ({ at: at(0, i * 2), values: VALUES }));
}

/** Overwrites pages of a closed database. */
function destroy(dataDir: string, pages: readonly number[]): void {
  const fd = openSync(join(dataDir, 'queue.db'), 'r+');
  for (const page of pages) writeSync(fd, Buffer.alloc(PAGE, 0xa5), 0, PAGE, page * PAGE);
  closeSync(fd);
}

async function closedQueue(): Promise<TestQueue> {
  const test = await TestQueue.open();
  await test.append(...day());
  await test.close();
  return test;
}

it('moves a file aside that is no database, begins at once with a new one and says so', async () => {
  const old = await closedQueue();
  destroy(old.dataDir, [0]);
  const test = await TestQueue.open({ dataDir: old.dataDir });
  expect(test.opening.databaseId).not.toBe(old.opening.databaseId);
  expect(test.opening.salvaged).toMatchObject({ readingsRecovered: 0, done: false });
  expect(await test.append({ at: at(0) })).toMatchObject({ readings: 1 });
  await expect.poll(async () => (await test.report()).salvaged).toMatchObject({ done: true, readingsRecovered: 0 });
  expect(readdirSync(old.dataDir).filter((name) => name.startsWith('queue.db.corrupt-'))).toHaveLength(1);
});

it('takes over what can be read of a damaged database, as pending, while it collects', async () => {
  const old = await closedQueue();
  // The marker is what a running gateway leaves behind when it finds the damage.
  destroy(old.dataDir, [60, 61, 90]);
  closeSync(openSync(join(old.dataDir, 'queue.db.damaged'), 'w'));
  const test = await TestQueue.open({ dataDir: old.dataDir });
  await test.append({ at: at(500) });
  await expect.poll(async () => (await test.queue.report(at(0))).salvaged?.done, { timeout: 10_000 }).toBe(true);
  const { salvaged, sinks, storedReadings } = await test.report();
  expect(salvaged?.readingsRecovered).toBeGreaterThan(5_000);
  expect(salvaged?.readingsRecovered).toBeLessThan(6_000);
  expect(storedReadings).toBe((salvaged?.readingsRecovered ?? 0) + 1);
  expect(sinks[0]?.ledger.pending).toBe((salvaged?.readingsRecovered ?? 0) * 10 + 1);
  await test.close();
  const again = await TestQueue.open({ dataDir: old.dataDir });
  expect(await again.report()).toMatchObject({ storedReadings });
});

it('goes on when there is room again, where the new database was at its limit', { timeout: 30_000 }, async () => {
  const old = await TestQueue.open();
  const wide = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`q.${i}`, i * 1000.5]));
  for (let from = 0; from < 24_000; from += 6_000) {
    await old.append(...Array.from({ length: 6_000 }, (_, i) => ({ at: at(0, (from + i) / 10), values: wide })));
  }
  await old.close();
  closeSync(openSync(join(old.dataDir, 'queue.db.damaged'), 'w'));
  const test = await TestQueue.open({ dataDir: old.dataDir, budgetBytes: 1024 ** 2 });
  await expect
    .poll(
      async () => {
        await test.queue.advance(at(60));
        return (await test.queue.report(at(60))).salvaged;
      },
      { timeout: 20_000 },
    )
    .toMatchObject({ done: true, readingsRecovered: 24_000 });
});

it('takes over everything when nothing was damaged after all, with devices, times and values', async () => {
  const old = await closedQueue();
  closeSync(openSync(join(old.dataDir, 'queue.db.damaged'), 'w'));
  const test = await TestQueue.open({ dataDir: old.dataDir });
  await expect
    .poll(async () => (await test.queue.report(at(0))).salvaged, { timeout: 10_000 })
    .toMatchObject({
      done: true,
      readingsRecovered: 6_000,
    });
  const claim = await test.claim({ maxItems: 10 });
  expect(claim?.readings).toMatchObject({
    length: 1,
    at: Float64Array.of(at(0)),
    values: Float64Array.from(Object.values(VALUES)),
    origins: [{ device: 'meter', source: 'mqtt', serial: null }],
  });
});

it('expires what it cannot date: readings of a boot whose clock was never confirmed', async () => {
  const old = await TestQueue.open({ unconfirmed: true });
  await old.append({ at: at(0) });
  await old.close();
  closeSync(openSync(join(old.dataDir, 'queue.db.damaged'), 'w'));
  const test = await TestQueue.open({ dataDir: old.dataDir, bootId: 'boot-2' });
  await expect.poll(async () => (await test.report()).salvaged?.done).toBe(true);
  expect(await test.ledger()).toMatchObject({ accepted: 1, expired: 1, pending: 0 });
});

/** A database with ten readings of two shapes and two devices, changed behind the gateway's back and found damaged. */
async function changed(sql: string): Promise<TestQueue> {
  const old = await TestQueue.open();
  for (let i = 0; i < 5; i++)
    await old.append(
      { at: at(0, i), device: 'good', values: { a: 1 } },
      { at: at(0, i), device: 'bad', values: { b: 2 } },
    );
  await old.close();
  const db = new BetterSqlite3(join(old.dataDir, 'queue.db'));
  db.unsafeMode();
  db.pragma('writable_schema = ON');
  // What a damaged page holds need not be what a STRICT table takes.
  db.exec(
    "UPDATE sqlite_schema SET sql = replace(replace(replace(sql, 'STRICT, ', ''), 'STRICT', ''), 'NOT NULL', '') WHERE type = 'table'",
  );
  db.close();
  const again = new BetterSqlite3(join(old.dataDir, 'queue.db'));
  expect(again.exec(sql)).toBe(again);
  again.close();
  closeSync(openSync(join(old.dataDir, 'queue.db.damaged'), 'w'));
  return old;
}

const BAD_ORIGIN = "(SELECT id FROM origins WHERE device = 'bad')";
it.each([
  ['a shape that is no JSON', `UPDATE shapes SET quantities = '["b' WHERE quantities LIKE '%b%'`],
  ['a shape that is no list', `UPDATE shapes SET quantities = '7' WHERE quantities LIKE '%b%'`],
  ['a device without a name', "UPDATE origins SET device = NULL WHERE device = 'bad'"],
  ['times that are no numbers', `UPDATE readings SET at = 'x' WHERE origin = ${BAD_ORIGIN}`],
  ['values that are missing', `UPDATE readings SET data = NULL WHERE origin = ${BAD_ORIGIN}`],
  ['flags that are missing', `UPDATE readings SET flags = NULL WHERE origin = ${BAD_ORIGIN}`],
])('comes to an end, with all that is whole, beside %s', async (_, sql) => {
  const old = await changed(sql);
  const test = await TestQueue.open({ dataDir: old.dataDir });
  await expect
    .poll(async () => (await test.report()).salvaged, { timeout: 10_000 })
    .toMatchObject({ readingsRecovered: 5, readingsLost: 5, done: true });
  expect(await test.ledger()).toMatchObject({ accepted: 5, pending: 5 });
});

it('comes to an end when the damaged file was deleted before all was taken over', async () => {
  const old = await closedQueue();
  closeSync(openSync(join(old.dataDir, 'queue.db.damaged'), 'w'));
  const { queue, opening } = await openQueue(queueOptions({ dataDir: old.dataDir }), {
    log: silentLog,
    onDeath: (error) => expect.unreachable(error.message),
  });
  await queue.close();
  rmSync(opening.salvaged?.movedTo ?? '');
  const test = await TestQueue.open({ dataDir: old.dataDir });
  await expect
    .poll(async () => (await test.report()).salvaged)
    .toMatchObject({ readingsRecovered: 0, readingsLost: null, done: true });
});
