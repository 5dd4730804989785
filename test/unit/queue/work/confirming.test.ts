import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, it } from 'vitest';
import { DAY, HOUR, MINUTE } from '../../../../src/model/time.ts';
import { openStore } from '../../../../src/queue/work/open-store.ts';
import { at, DYNATRACE, M0, queueOptions, T0, TestQueue } from '../../../support/queue-fixture.ts';
import { appendOf, listed } from '../../../support/queue-readings.ts';
import { silentLog } from '../../../support/silent-log.ts';
import { tempDir } from '../../../support/temp-dir.ts';

/** The wall clock was two hours behind: at monotonic 0 it was T0 and not T0 - 2 h. */
const CORRECTION = { wallMs: T0, monoMs: 0, trustTime: { mqtt: { behindMs: DAY, aheadMs: 2 * MINUTE } } };
const wrong = (seconds: number) => ({ at: T0 - 2 * HOUR + seconds * 1000, mono: seconds * 1000 });

async function everything(test: TestQueue): Promise<string[]> {
  const claim = await test.claim({ oldest: 0, dueBefore: M0 + 10_000, liveFrom: M0 + 10_000 });
  return claim === null ? [] : listed(claim.readings, T0).map((line) => line.slice(0, line.indexOf(':')));
}

it('restamps what was measured on a wrong clock by the monotonic clock, and moves what is owed with it', async () => {
  const test = await TestQueue.open({ unconfirmed: true });
  await test.append(wrong(10), wrong(70), wrong(130));
  await test.queue.confirmBoot(CORRECTION);
  expect(await test.ledger()).toMatchObject({ accepted: 3, pending: 3 });
  expect(await everything(test)).toEqual(['meter@10', 'meter@70', 'meter@130']);
});

it.each([
  ['one way', 30_000],
  ['the other way', -30_000],
])('restamps once where the new minutes are among the old ones, %s', async (_, offset) => {
  const test = await TestQueue.open({ unconfirmed: true });
  await test.append(...Array.from({ length: 40 }, (_, i) => ({ at: at(0, i * 20), mono: i * 20_000 })));
  await test.queue.confirmBoot({ ...CORRECTION, wallMs: T0 + offset });
  expect(await test.ledger()).toMatchObject({ accepted: 40, pending: 40 });
  const seconds = (await everything(test)).map((line) => Number(line.slice(line.indexOf('@') + 1)));
  expect(seconds.sort((a, b) => a - b)).toEqual(Array.from({ length: 40 }, (_, i) => i * 20 + offset / 1000));
});

it("gives a reading its device's time where that is trusted now", async () => {
  const test = await TestQueue.open({ unconfirmed: true });
  await test.append({ ...wrong(10), deviceTime: at(0, 8) }, { ...wrong(20), deviceTime: at(-2 * 24 * 60) });
  await test.queue.confirmBoot(CORRECTION);
  expect(await everything(test)).toEqual(['meter@8', 'meter@20']);
});

it('expires what only its device could have dated when that is not trusted', async () => {
  const test = await TestQueue.open({ unconfirmed: true });
  const waited = { ...wrong(10), onlyDeviceTime: true };
  await test.append(
    { ...waited, deviceTime: at(-60) },
    { ...waited, device: 'b', deviceTime: at(-3 * 24 * 60) },
    { ...waited, device: 'c' },
  );
  await test.queue.confirmBoot(CORRECTION);
  expect(await test.ledger()).toMatchObject({ accepted: 3, pending: 1, expired: 2 });
  expect(await everything(test)).toEqual(['meter@-3600']);
});

it('leaves every time as it is when the clock was right', async () => {
  const test = await TestQueue.open({ unconfirmed: true });
  await test.append({ at: at(0, 1), mono: 5 }, { at: at(0, 2), deviceTime: at(0, 1.5), onlyDeviceTime: true });
  await test.queue.confirmBoot(null);
  expect(await everything(test)).toEqual(['meter@1', 'meter@1.5']);
  expect(await test.ledger()).toMatchObject({ accepted: 2, pending: 2 });
});

it('remembers the newest time, and leaves what an earlier run of this boot confirmed as it is', async () => {
  const test = await TestQueue.open({ unconfirmed: true });
  await test.append(wrong(10));
  expect(test.opening).toMatchObject({ newestAt: null });
  await test.queue.confirmBoot(CORRECTION);
  await test.append({ at: at(3) });
  await test.close();
  const again = await TestQueue.open({ dataDir: test.dataDir, unconfirmed: true });
  expect(again.opening).toMatchObject({ newestAt: at(3), unclean: false, expiredUnknownTime: 0 });
  // The wall clock was stepped between the runs: what this run stores before it is confirmed is provisional again.
  await again.append(wrong(250));
  await again.queue.confirmBoot(CORRECTION);
  expect(await everything(again)).toEqual(['meter@10', 'meter@180', 'meter@250']);
  expect(await again.ledger()).toMatchObject({ accepted: 3, pending: 3, expired: 0 });
});

it('forgets a newest time that lies ahead of a clock that is confirmed later', async () => {
  const ahead = await TestQueue.open({ unconfirmed: true });
  await ahead.append(wrong(10));
  await ahead.queue.confirmBoot({ ...CORRECTION, wallMs: T0 + 14 * DAY });
  await ahead.close();
  const right = await TestQueue.open({ dataDir: ahead.dataDir, bootId: 'boot-2', unconfirmed: true });
  expect(right.opening.newestAt).toBe(T0 + 14 * DAY + 10_000);
  await right.queue.confirmBoot(CORRECTION);
  await right.close();
  const next = await TestQueue.open({ dataDir: ahead.dataDir, bootId: 'boot-3', unconfirmed: true });
  expect(next.opening.newestAt).toBe(T0);
});

it('expires what only its device could have dated in a second run of a confirmed boot', async () => {
  const first = await TestQueue.open();
  await first.close();
  const second = await TestQueue.open({ dataDir: first.dataDir, unconfirmed: true });
  await second.append({ ...wrong(10), deviceTime: T0 - 10 * DAY, onlyDeviceTime: true });
  await second.queue.confirmBoot(CORRECTION);
  expect(await second.ledger()).toMatchObject({ accepted: 1, expired: 1, pending: 0 });
});

it('expires readings of an earlier boot whose clock was never confirmed, and keeps them in the history', async () => {
  const test = await TestQueue.open({ unconfirmed: true });
  await test.append(wrong(10), wrong(70));
  await test.close();
  const next = await TestQueue.open({ dataDir: test.dataDir, bootId: 'boot-2' });
  expect(next.opening).toMatchObject({ expiredUnknownTime: 2 });
  expect(await next.ledger()).toMatchObject({ accepted: 2, expired: 2, pending: 0 });
  expect(await next.report()).toMatchObject({ storedReadings: 2 });
  expect(await everything(next)).toEqual([]);
});

it('does not let time pass for readings whose time is provisional', async () => {
  const test = await TestQueue.open({ unconfirmed: true });
  await test.append({ at: at(-60 * 24 * 365), mono: 10_000 });
  expect(await test.queue.advance(T0)).toEqual({ wentLate: 0, expired: 0, evicted: 0, pruned: 0 });
  await test.queue.confirmBoot(CORRECTION);
  expect(await everything(test)).toEqual(['meter@10']);
});

it('gives nothing to any lane before the time of it is fixed', async () => {
  const test = await TestQueue.open({ unconfirmed: true });
  await test.append({ at: at(0, 10), mono: 10_000 });
  for (const lane of ['live', 'backlog', 'retry', 'replay'] as const) {
    expect(await test.claim({ lane, oldest: 0, liveFrom: lane === 'live' ? 0 : M0 + 60 })).toBeNull();
  }
  await test.queue.confirmBoot(CORRECTION);
  expect(await everything(test)).toEqual(['meter@10']);
});

it('owes a sink all of a minute it is owed, also what came while it was removed and was restamped into it', async () => {
  const test = await TestQueue.open({ unconfirmed: true });
  await test.append(wrong(10));
  await test.queue.registerSinks([]);
  await test.append({ ...wrong(11), at: at(-300) });
  await test.queue.confirmBoot(CORRECTION);
  await test.queue.registerSinks([DYNATRACE]);
  await test.settle(await test.claim());
  await test.queue.advance(T0);
  expect(await test.ledger()).toMatchObject({ pending: 0 });
});

it('keeps when a reading was received if only its own time was found to count', async () => {
  const test = await TestQueue.open({ unconfirmed: true });
  await test.append({ at: at(0, 30), deviceTime: at(-2), onlyDeviceTime: true });
  await test.queue.confirmBoot(null);
  await test.close();
  const db = new Database(join(test.dataDir, 'queue.db'), { readonly: true });
  expect(db.prepare('SELECT at, received FROM readings').all()).toEqual([{ at: at(-2), received: at(0, 30) }]);
  db.close();
});

it('lets others come between the minutes it fixes', () => {
  const { store } = openStore(queueOptions({ dataDir: tempDir() }), {
    now: T0,
    startedMono: 0,
    log: silentLog,
    diskSpace: () => ({ freeBytes: 2 ** 40, totalBytes: 2 ** 40 }),
  });
  store.append(appendOf([wrong(10), wrong(70), wrong(130)]));
  const steps = [...store.confirmBoot(CORRECTION)];
  store.close();
  expect(steps).toHaveLength(3);
});

it('keeps what was restamped before a power cut, and expires only the rest', () => {
  const dataDir = tempDir();
  const openAs = (bootId: string) =>
    openStore(queueOptions({ dataDir, bootId }), {
      now: T0,
      startedMono: 0,
      log: silentLog,
      diskSpace: () => ({ freeBytes: 2 ** 40, totalBytes: 2 ** 40 }),
    });
  const { store } = openAs('boot-1');
  store.registerSinks([DYNATRACE]);
  store.append(appendOf(Array.from({ length: 600 }, (_, i) => wrong(i / 20))));
  // Most of them stay in a minute whose other readings are provisional still.
  expect(store.confirmBoot({ ...CORRECTION, wallMs: T0 - 2 * HOUR + 40_000 }).next().done).toBe(false);
  store.close();
  const next = openAs('boot-2');
  expect(next.opening.expiredUnknownTime).toBe(100);
  expect(next.store.report(T0).sinks[0]?.ledger).toMatchObject({ accepted: 600, expired: 100, pending: 500 });
  next.store.close();
});

it('treats readings alike that come while it restamps', async () => {
  const test = await TestQueue.open({ unconfirmed: true });
  await test.append(...Array.from({ length: 2_000 }, (_, i) => wrong(i / 10)));
  const confirming = test.queue.confirmBoot(CORRECTION);
  await test.append(wrong(300));
  await confirming;
  expect(await test.ledger()).toMatchObject({ accepted: 2_001, pending: 2_001 });
  expect((await everything(test)).at(-1)).toMatch(/^meter@(300|\d+)/);
});
