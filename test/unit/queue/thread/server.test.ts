import { closeSync, openSync, readdirSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { MessageChannel } from 'node:worker_threads';
import BetterSqlite3 from 'better-sqlite3';
import { expect, it, onTestFinished, vi } from 'vitest';
import { systemClock } from '../../../../src/platform/clock.ts';
import { PAGE_BYTES } from '../../../../src/queue/file/connection.ts';
import { corrupt } from '../../../../src/queue/file/sqlite-error.ts';
import { takeLock } from '../../../../src/queue/file/lock.ts';
import { storageTrouble } from '../../../../src/queue/file/storage-note.ts';
import { SECOND } from '../../../../src/model/time.ts';
import type { Claim, Salvage } from '../../../../src/queue/queue.ts';
import { AppendPacker } from '../../../../src/queue/thread/append-parcel.ts';
import { Server } from '../../../../src/queue/thread/server.ts';
import type { Method, Reply, Request } from '../../../../src/queue/thread/protocol.ts';
import { Watchdog } from '../../../../src/queue/thread/watchdog.ts';
import { openStore } from '../../../../src/queue/work/open-store.ts';
import type { Store } from '../../../../src/queue/work/store.ts';
import { at, DYNATRACE, M0, queueOptions, REQUEST, T0, TestQueue } from '../../../support/queue-fixture.ts';
import { appendOf } from '../../../support/queue-readings.ts';
import { silentLog } from '../../../support/silent-log.ts';
import { tempDir } from '../../../support/temp-dir.ts';

const FULL = Object.assign(new Error('database or disk is full'), { code: 'SQLITE_FULL' });
const FAILING = Object.assign(new Error('disk I/O error'), { code: 'SQLITE_IOERR_WRITE' });

it('takes the note of trouble away when a flush works again, where no append had failed', async () => {
  const { store, send, trouble } = served();
  const flush = fails(store, 'flush');
  send({ kind: 'state', key: 'clock', value: {}, withinMs: 0 });
  await expect.poll(trouble).toMatchObject({ kind: 'full' });
  flush.mockRestore();
  await expect.poll(trouble, { timeout: 10_000 }).toBeNull();
});

it('leaves the note of trouble while appends fail, whatever else works', async () => {
  const { store, send, trouble } = served();
  const append = fails(store, 'append');
  const argument = new AppendPacker().pack(appendOf([{ at: at(0) }]));
  send({ kind: 'call', id: 1, method: 'append', argument });
  await expect.poll(trouble).toMatchObject({ kind: 'full' });
  const flush = vi.spyOn(store, 'flush');
  send({ kind: 'call', id: 2, method: 'advance', argument: at(0) });
  send({ kind: 'state', key: 'clock', value: {}, withinMs: 0 });
  await expect.poll(() => flush.mock.results.filter(({ type }) => type === 'return').length).toBeGreaterThan(1);
  expect(trouble()).toMatchObject({ kind: 'full' });
  append.mockRestore();
  send({ kind: 'call', id: 3, method: 'append', argument });
  await expect.poll(trouble).toBeNull();
});

it.each(['advance', 'keepBounds'] as const)(
  'leaves the note of trouble when %s had nothing to write',
  async (method) => {
    const { store, call, trouble } = served();
    await call('keepBounds', at(0));
    vi.spyOn(store, 'confirmBoot').mockImplementation(() => {
      throw FULL;
    });
    await call('confirmBoot', null);
    expect(trouble()).toMatchObject({ kind: 'full' });
    expect(await call(method, at(0))).toMatchObject({ kind: 'answer' });
    expect(trouble()).toMatchObject({ kind: 'full' });
  },
);

it.each(['advance', 'keepBounds'] as const)(
  'ends after three failing writes, whatever %s had not to write in between',
  async (method) => {
    const { store, call } = served();
    const end = unhandled();
    const fail = vi.spyOn(store, 'confirmBoot').mockImplementation(() => {
      throw FAILING;
    });
    for (let n = 0; n < 3; n++) {
      await call('confirmBoot', null);
      await call(method, at(0));
    }
    await expect(end).resolves.toBe(FAILING);
    expect(fail).toHaveBeenCalledTimes(3);
  },
);

it('does not end while writes work in between', async () => {
  const { store, call, trouble } = served();
  const fail = vi.spyOn(store, 'confirmBoot');
  for (let n = 0; n < 6; n++) {
    fail.mockImplementationOnce(() => {
      throw FAILING;
    });
    await call('confirmBoot', null);
    expect(trouble()).toMatchObject({ kind: 'failing' });
    await call('registerSinks', [DYNATRACE]);
    expect(trouble()).toBeNull();
  }
});

it('takes over what the older file still holds where the new database is damaged during the salvage', async () => {
  const { dataDir } = await damagedOf(2_000);
  await damagedInSalvage(dataDir, 2);
  const after = await TestQueue.open({ dataDir });
  expect(await finished(after)).toMatchObject({ readingsRecovered: 2_000, readingsLost: 0 });
  expect(await after.report()).toMatchObject({ storedReadings: 2_000 });
});

it('takes each reading over once however often the new database is damaged, and counts what is lost of all', async () => {
  const { dataDir } = await damagedOf(2_000);
  destroyLastOfReadings(join(dataDir, 'queue.db'));
  await damagedInSalvage(dataDir, 2);
  await damagedInSalvage(dataDir, 1, 3);
  await damagedInSalvage(dataDir, 3);
  const after = await TestQueue.open({ dataDir });
  const { readingsRecovered } = await finished(after);
  expect(readingsRecovered).toBeLessThan(2_003);
  expect(await after.report()).toMatchObject({
    storedReadings: readingsRecovered,
    salvaged: { readingsLost: 2_003 - readingsRecovered },
  });
});

it('does not begin again with a file whose marker a power cut has brought back', async () => {
  const { dataDir } = await damagedOf(1_000);
  await damagedInSalvage(dataDir, 1);
  const between = await TestQueue.open({ dataDir });
  const { at: since } = await finished(between);
  await between.close();
  const second =
    readdirSync(dataDir)
      .filter((name) => name.startsWith('queue.db.corrupt-'))
      .toSorted()
      .at(-1) ?? '';
  writeFileSync(join(dataDir, 'queue.db.damaged'), second);
  const after = await TestQueue.open({ dataDir });
  expect(after.opening.salvaged).toMatchObject({ at: since, done: true });
  expect(await after.report()).toMatchObject({ storedReadings: 1_000 });
});

/** A data directory with so many readings whose database a running gateway has found damaged. */
async function damagedOf(readings: number): Promise<TestQueue> {
  const test = await TestQueue.open();
  await test.append(...Array.from({ length: readings }, (_, i) => ({ at: at(0, i * 2) })));
  await test.close();
  closeSync(openSync(join(test.dataDir, 'queue.db.damaged'), 'w'));
  return test;
}

function destroyLastOfReadings(file: string): void {
  const db = new BetterSqlite3(file);
  const last = Number(db.prepare("SELECT max(pageno) FROM dbstat WHERE name = 'readings'").pluck().get());
  db.close();
  const fd = openSync(file, 'r+');
  writeSync(fd, Buffer.alloc(PAGE_BYTES, 0xa5), 0, PAGE_BYTES, (last - 1) * PAGE_BYTES);
  closeSync(fd);
}

async function finished({ queue }: TestQueue): Promise<Salvage> {
  const salvaged = async () => (await queue.report(T0)).salvaged;
  await expect.poll(salvaged, { timeout: 10_000 }).toMatchObject({ done: true });
  const result = await salvaged();
  if (result === null) throw new Error('there was no salvage');
  return result;
}

/** Takes `added` readings, and as many chunks of the damaged file; then a page of the new database turns out damaged. */
async function damagedInSalvage(dataDir: string, chunks: number, added = 0): Promise<void> {
  const { store, server, send, stop } = served(dataDir);
  if (added > 0) store.append(appendOf(Array.from({ length: added }, (_, i) => ({ at: at(600, i) }))));
  const damaged = server.damaged.bind(server);
  const noticed = vi.spyOn(server, 'damaged').mockImplementation(((reason: string) => {
    expect(() => damaged(reason)).toThrow('the database is damaged');
  }) as typeof damaged);
  const commit = store.database.commitReadings.bind(store.database);
  let left = chunks;
  vi.spyOn(store.database, 'commitReadings').mockImplementation((work) => {
    if (left-- === 0) throw corrupt('a page of the new database');
    return commit(work);
  });
  send({ kind: 'call', id: 1, method: 'registerSinks', argument: [DYNATRACE] });
  await expect.poll(() => noticed.mock.calls.length).toBe(1);
  await stop();
}

function fails(store: Store, method: 'append' | 'flush') {
  return vi.spyOn(store, method).mockImplementation(() => {
    throw FULL;
  });
}

/** What would end the thread. */
function unhandled(): Promise<unknown> {
  const listeners = process.listeners('unhandledRejection');
  process.removeAllListeners('unhandledRejection');
  onTestFinished(() => {
    process.removeAllListeners('unhandledRejection');
    for (const listener of listeners) process.on('unhandledRejection', listener);
  });
  return new Promise((resolve) => void process.once('unhandledRejection', resolve));
}

it('lets a settle wait for the append that is to be expected, and no longer', async () => {
  let mono = 0;
  const { store, call } = served(tempDir(), { ...systemClock, monoMs: () => mono });
  await call('registerSinks', [DYNATRACE]);
  await call('confirmBoot', null);
  const packer = new AppendPacker();
  await call('append', packer.pack(appendOf([{ at: at(0) }])));
  mono = 5 * SECOND;
  await call('append', packer.pack(appendOf([{ at: at(0, 5) }])));
  const claim = { ...REQUEST, dueBefore: M0 + 1, liveFrom: M0 + 1 };
  const reply = await call('claim', claim);
  const claimed = reply.kind === 'answer' ? (reply.answer as Claim) : null;
  const timer = vi.spyOn(globalThis, 'setTimeout');
  onTestFinished(() => timer.mockRestore());
  const waits = (): (number | undefined)[] => timer.mock.calls.map(([, ms]) => ms);
  mono = 6 * SECOND;
  await call('settle', { claim: claimed?.id, readings: 2, deadLetters: [], tooOld: [], now: T0 });
  expect(store.hasUnsettled).toBe(true);
  await expect.poll(waits).toContain(5 * SECOND);
  await call('append', packer.pack(appendOf([{ at: at(1) }])));
  expect(store.hasUnsettled).toBe(false);
});

function served(dataDir = tempDir(), clock = systemClock) {
  const path = join(dataDir, 'queue.db');
  const lock = takeLock(dataDir);
  const { store } = openStore(queueOptions({ dataDir }), {
    now: T0,
    startedMono: 0,
    log: silentLog,
    diskSpace: () => ({ freeBytes: 2 ** 32, totalBytes: 2 ** 32 }),
  });
  const { port1, port2 } = new MessageChannel();
  const server = new Server({
    store,
    path,
    lock,
    port: port1,
    clock,
    log: silentLog,
    bootId: 'boot-1',
    watchdog: new Watchdog(new SharedArrayBuffer(4), Number.POSITIVE_INFINITY),
    watchdogMs: Number.POSITIVE_INFINITY,
  });
  server.start();
  const send = (request: Request): void => port2.postMessage(request);
  let calls = 100;
  const call = async (method: Method, argument: unknown): Promise<Reply> => {
    const id = calls++;
    const reply = new Promise<Reply>((resolve) => {
      port2.on('message', function listen(message: Reply) {
        if (!('id' in message) || message.id !== id) return;
        port2.off('message', listen);
        resolve(message);
      });
    });
    send({ kind: 'call', id, method, argument } as Request);
    return reply;
  };
  let stopping: Promise<unknown> | undefined;
  const stop = async (): Promise<void> => {
    stopping ??= new Promise((resolve) => {
      port2.once('close', () => resolve(null)).start();
      send({ kind: 'call', id: 0, method: 'close', argument: null });
    });
    await stopping;
  };
  onTestFinished(stop);
  return { store, server, send, call, stop, trouble: () => storageTrouble(path) };
}
