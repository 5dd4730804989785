import { existsSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it, vi } from 'vitest';
import { EXIT } from '../../../src/model/error.ts';
import { PAGE_BYTES } from '../../../src/queue/file/connection.ts';
import type { Inspector } from '../../../src/queue/inspector.ts';
import { openInspector } from '../../../src/queue/open-inspector.ts';
import { at, T0, TestQueue } from '../../support/queue-fixture.ts';
import { listed } from '../../support/queue-readings.ts';
import { tempDir } from '../../support/temp-dir.ts';

const ALL = { from: at(-60), to: at(60) };

it('finds nothing where there is no database, and makes none', () => {
  const dataDir = tempDir();
  const inspector = openInspector(dataDir);
  const request = { ...ALL, wholeMinutes: true, now: T0, windows: {} };
  expect(inspector.report(T0)).toBeNull();
  expect(inspector.daemonRunning()).toBe(false);
  expect([...inspector.history(ALL)]).toEqual([]);
  expect(inspector.devices()).toEqual([]);
  expect(inspector.planReplay(request).sinks).toEqual([]);
  expect(inspector.queueReplay(request)).toEqual([]);
  expect(inspector.replay(1)).toBeNull();
  expect(inspector.deadLetters({})).toEqual([]);
  expect(inspector.retryDeadLetters({})).toBe(0);
  expect(readdirSync(dataDir)).toEqual([]);
  expect(openInspector(join(dataDir, 'missing')).report(T0)).toBeNull();
  expect(existsSync(join(dataDir, 'missing'))).toBe(false);
});

it('reports the same beside the daemon and without it', async () => {
  const test = await TestQueue.open();
  await test.append({ at: at(0) }, { at: at(1), device: 'roof' });
  await test.settle(await test.claim(), { readings: 1 });
  await test.queue.advance(T0);
  const inspector = openInspector(test.dataDir);
  const own = await test.report(at(2));
  expect({ ...inspector.report(at(2)), diskFreeBytes: 0 }).toEqual({ ...own, diskFreeBytes: 0 });
  inspector.close();
  await test.close();
  const after = openInspector(test.dataDir).report(at(2));
  expect(after).toMatchObject({
    sinks: own.sinks,
    intake: own.intake,
    pendingValues: 1,
    oldestPendingAt: at(1),
    storedReadings: 2,
  });
});

it('names the devices of which anything was ever stored, each once', async () => {
  const test = await TestQueue.open();
  await test.append(
    { at: at(0), device: 'roof' },
    { at: at(1), device: 'roof', serial: 'S1' },
    { at: at(1), device: 'grid' },
  );
  expect(openInspector(test.dataDir).devices()).toEqual(['grid', 'roof']);
});

it('gives the history oldest minute first, of the range and device asked for', async () => {
  const test = await TestQueue.open();
  await test.append(
    { at: at(2) },
    { at: at(0, 30), device: 'roof' },
    { at: at(0, 10) },
    { at: at(1), timeUnknown: true },
  );
  const inspector = openInspector(test.dataDir);
  const read = (range: Parameters<typeof inspector.history>[0]): string[] =>
    [...inspector.history(range)].flatMap((page) => listed(page, T0)).map((line) => line.split(':')[0] ?? '');
  expect(read(ALL)).toEqual(['roof@30', 'meter@10', 'meter@60', 'meter@120']);
  expect(read({ from: at(0, 10), to: at(0, 30) })).toEqual(['meter@10']);
  expect(read({ ...ALL, device: 'roof' })).toEqual(['roof@30']);
  inspector.close();
});

it('gives a long history a page at a time', async () => {
  const test = await TestQueue.open();
  await test.append(...Array.from({ length: 12_000 }, (_, i) => ({ at: at(0, i / 10) })));
  const inspector = openInspector(test.dataDir);
  const pages = [...inspector.history(ALL)];
  expect(pages.map(({ length }) => length)).toEqual([5_000, 5_000, 2_000]);
  expect(new Set(pages.flatMap(({ id }) => [...id])).size).toBe(12_000);
  inspector.close();
});

it('sees what the daemon stores while it looks on', async () => {
  const test = await TestQueue.open();
  const inspector = openInspector(test.dataDir);
  await test.append({ at: at(0) });
  expect(inspector.report(T0)?.storedReadings).toBe(1);
  await test.append({ at: at(1) });
  expect(inspector.report(T0)?.storedReadings).toBe(2);
  inspector.close();
});

it('says that a database is damaged and what heals it', () => {
  const dataDir = tempDir();
  writeFileSync(join(dataDir, 'queue.db'), Buffer.alloc(8_192, 0xa5));
  expect(() => openInspector(dataDir).report(T0)).toThrow(/is damaged/);
});

describe('of a database whose pages are damaged behind the first', () => {
  const request = { ...ALL, wholeMinutes: true, now: T0, windows: {} };
  it.each<[string, (inspector: Inspector) => unknown]>([
    ['the report', (inspector) => inspector.report(T0)],
    ['the history', (inspector) => [...inspector.history(ALL)]],
    ['the plan of a replay', (inspector) => inspector.planReplay(request)],
    ['a replay', (inspector) => inspector.replay(1)],
    ['a replay to be queued', (inspector) => inspector.queueReplay(request)],
    ['the dead letters', (inspector) => inspector.deadLetters({})],
    ['the count of the dead letters', (inspector) => inspector.countDeadLetters({})],
    ['dead letters to be retried', (inspector) => inspector.retryDeadLetters({})],
    ['dead letters to be purged', (inspector) => inspector.purgeDeadLetters({})],
  ])('%s says that it is damaged and what heals it', async (_, look) => {
    const test = await TestQueue.open();
    await test.append({ at: at(0) });
    await test.close();
    const path = join(test.dataDir, 'queue.db');
    const whole = readFileSync(path);
    const damage: Readonly<Record<string, Buffer>> = {
      tables: withoutPages(whole, pagesOfTables(path)),
      all: Buffer.from(whole).fill(0xa5, PAGE_BYTES),
    };
    for (const [what, bytes] of Object.entries(damage)) {
      writeFileSync(path, bytes);
      const inspector = openInspector(test.dataDir);
      expect(() => look(inspector), what).toThrow(
        expect.objectContaining({ message: expect.stringContaining('is damaged'), exitCode: EXIT.failing }),
      );
      inspector.close();
    }
  });
});

it.each<[string, (inspector: Inspector) => unknown]>([
  ['a replay', (inspector) => inspector.queueReplay({ ...ALL, wholeMinutes: true, now: T0, windows: {} })],
  ['a retry', (inspector) => inspector.retryDeadLetters({})],
  ['a purge', (inspector) => inspector.purgeDeadLetters({})],
])('says of %s on a full disk that the database cannot be written', async (_, write) => {
  const test = await TestQueue.open();
  await test.close();
  const inspector = openInspector(test.dataDir);
  const transaction = vi.spyOn(Database.prototype, 'transaction').mockImplementation(() => {
    throw Object.assign(new Error('database or disk is full'), { code: 'SQLITE_FULL' });
  });
  expect(() => write(inspector)).toThrow(
    expect.objectContaining({
      message: `The database ${join(test.dataDir, 'queue.db')} cannot be written at present (SQLITE_FULL).`,
      exitCode: EXIT.failing,
    }),
  );
  transaction.mockRestore();
  inspector.close();
});

it('says of what it only looks at that it cannot be read', async () => {
  const test = await TestQueue.open();
  await test.close();
  const inspector = openInspector(test.dataDir);
  expect(inspector.report(T0)).not.toBeNull();
  const prepare = vi.spyOn(Database.prototype, 'prepare').mockImplementation(() => {
    throw Object.assign(new Error('disk I/O error'), { code: 'SQLITE_IOERR_READ' });
  });
  expect(() => inspector.report(T0)).toThrow(/cannot be read at present/);
  prepare.mockRestore();
  inspector.close();
});

it('reads the file of a stopped gateway where SQLite may not put anything beside it', async () => {
  const test = await TestQueue.open();
  await test.append({ at: at(0) });
  await test.close();
  // Stands for a folder without permission to write, which the administrator running a test always has.
  symlinkSync(join(test.dataDir, 'no-such-folder', 'wal'), join(test.dataDir, 'queue.db-wal'));
  const inspector = openInspector(test.dataDir);
  expect(inspector.report(at(1))).toMatchObject({ storedReadings: 1, pendingValues: 1 });
  expect([...inspector.history(ALL)]).toHaveLength(1);
  inspector.close();
});

/** Where the tables and indexes begin; the schema itself is elsewhere. */
function pagesOfTables(path: string): readonly number[] {
  const db = new Database(path, { readonly: true });
  try {
    return db.prepare<[], number>('SELECT rootpage FROM sqlite_schema WHERE rootpage > 1').pluck().all();
  } finally {
    db.close();
  }
}

function withoutPages(file: Buffer, pages: readonly number[]): Buffer {
  const damaged = Buffer.from(file);
  for (const page of pages) damaged.fill(0xa5, (page - 1) * PAGE_BYTES, page * PAGE_BYTES);
  return damaged;
}
