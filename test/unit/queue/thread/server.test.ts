import { join } from 'node:path';
import { MessageChannel } from 'node:worker_threads';
import { expect, it, onTestFinished, vi } from 'vitest';
import { systemClock } from '../../../../src/platform/clock.ts';
import { takeLock } from '../../../../src/queue/file/lock.ts';
import { storageTrouble } from '../../../../src/queue/file/storage-note.ts';
import { Server } from '../../../../src/queue/thread/server.ts';
import type { Request } from '../../../../src/queue/thread/protocol.ts';
import { Watchdog } from '../../../../src/queue/thread/watchdog.ts';
import { openStore } from '../../../../src/queue/work/open-store.ts';
import type { Store } from '../../../../src/queue/work/store.ts';
import { at, queueOptions, T0 } from '../../../support/queue-fixture.ts';
import { appendOf } from '../../../support/queue-readings.ts';
import { silentLog } from '../../../support/silent-log.ts';
import { tempDir } from '../../../support/temp-dir.ts';

const FULL = Object.assign(new Error('database or disk is full'), { code: 'SQLITE_FULL' });

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
  const argument = appendOf([{ at: at(0) }]);
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

function fails(store: Store, method: 'append' | 'flush') {
  return vi.spyOn(store, method).mockImplementation(() => {
    throw FULL;
  });
}

function served() {
  const dataDir = tempDir();
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
    clock: systemClock,
    log: silentLog,
    bootId: 'boot-1',
    watchdog: new Watchdog(new SharedArrayBuffer(4), Number.POSITIVE_INFINITY),
    watchdogMs: Number.POSITIVE_INFINITY,
  });
  server.start();
  const send = (request: Request): void => port2.postMessage(request);
  onTestFinished(async () => {
    const closed = new Promise((resolve) => void port2.once('close', resolve));
    port2.start();
    send({ kind: 'call', id: 0, method: 'close', argument: null });
    await closed;
  });
  return { store, send, trouble: () => storageTrouble(path) };
}
