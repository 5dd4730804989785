/** What the rest of the gateway may rely on, whatever is behind the interface. Each test holds the ledger against the rows. */
import { expect, it } from 'vitest';
import type { TestQueue, TestQueueOptions } from '../support/queue-fixture.ts';
import { at, DYNATRACE, M0, T0 } from '../support/queue-fixture.ts';
import { appendOf, listed } from '../support/queue-readings.ts';

export type OpenTestQueue = (options?: TestQueueOptions) => Promise<TestQueue>;

export function queueContract(open: OpenTestQueue): void {
  it('owes each sink what is appended, and gives it back in full with the times it was measured', async () => {
    const test = await open();
    const appended = await test.append(
      { at: at(0, 1), values: { 'power.active.import': 501, 'energy.active.import': 1_234_567.5 } },
      { at: at(0, 2.5), device: 'roof', values: { 'power.active.export': 0.1 } },
    );
    expect(appended).toEqual({ readings: 2, values: 3, duplicates: 0, evicted: 0 });
    const claim = await test.claim();
    expect(claim === null ? null : listed(claim.readings, T0)).toEqual([
      'meter@1: power.active.import=501 energy.active.import=1234567.5',
      'roof@2.5: power.active.export=0.1',
    ]);
    expect(claim).toMatchObject({ more: false, replay: null });
    expect(await test.ledger()).toMatchObject({ accepted: 3, pending: 3, delivered: 0 });
  });

  it('counts what is settled as delivered, and on a later route as late', async () => {
    const test = await open();
    await test.append({ at: at(0) }, { at: at(1) });
    await test.settle(await test.claim({ dueBefore: M0 + 1 }));
    await test.queue.advance(at(70));
    await test.settle(await test.claim({ route: 'late' }));
    await test.queue.advance(at(70));
    expect(await test.ledger()).toMatchObject({ accepted: 2, delivered: 1, late: 1, pending: 0 });
    expect(await test.claim()).toBeNull();
  });

  it('keeps what a settlement leaves out, and what is given back', async () => {
    const test = await open();
    await test.append({ at: at(0, 1) }, { at: at(0, 2) }, { at: at(0, 3) });
    await test.settle(await test.claim(), { readings: 1 });
    const claim = await test.claim();
    expect(claim === null ? null : listed(claim.readings, T0)).toEqual([
      'meter@2: power.active.import=1',
      'meter@3: power.active.import=1',
    ]);
    await test.queue.release(claim?.id ?? 0);
    expect((await test.claim())?.readings.length).toBe(2);
    expect(await test.ledger()).toMatchObject({ delivered: 1, pending: 2 });
  });

  it('owes a reading alone that comes after its minute was settled', async () => {
    const test = await open();
    await test.append({ at: at(0, 1) }, { at: at(0, 2) });
    await test.settle(await test.claim());
    await test.append({ at: at(0, 1.5), device: 'late-comer' });
    const claim = await test.claim();
    expect(claim === null ? null : listed(claim.readings, T0)).toEqual(['late-comer@1.5: power.active.import=1']);
    expect(await test.ledger()).toMatchObject({ delivered: 2, pending: 1 });
  });

  it('owes a reading that comes while its minute is on the way', async () => {
    const test = await open();
    await test.append({ at: at(0, 1) });
    const claim = await test.claim();
    await test.append({ at: at(0, 2) });
    await test.settle(claim);
    const next = await test.claim();
    expect(next === null ? null : listed(next.readings, T0)).toEqual(['meter@2: power.active.import=1']);
    expect(await test.ledger()).toMatchObject({ delivered: 1, pending: 1 });
  });

  it('gives live the newest minutes first, backlog the oldest, and no minute to both', async () => {
    const test = await open();
    await test.append({ at: at(0) }, { at: at(1) }, { at: at(2) }, { at: at(3) });
    const live = await test.claim({ lane: 'live', liveFrom: M0 + 2 });
    expect(live === null ? null : listed(live.readings, T0).map((line) => line.slice(0, 9))).toEqual([
      'meter@180',
      'meter@120',
    ]);
    const backlog = await test.claim({ lane: 'backlog', liveFrom: M0 + 4 });
    expect(backlog === null ? null : listed(backlog.readings, T0).map((line) => line.slice(0, 8))).toEqual([
      'meter@0:',
      'meter@60',
    ]);
  });

  it('throws when a lane claims again before it has settled or released', async () => {
    const test = await open();
    await test.append({ at: at(0) });
    const claim = await test.claim();
    await expect(test.claim()).rejects.toThrow(/still open/);
    await test.settle(claim);
    await expect(test.settle(claim)).rejects.toThrow(/not open/);
  });

  it('gives one more claim behind an open one, which begins where that one ends, within its minute as well', async () => {
    const test = await open();
    await test.append({ at: at(0, 1) }, { at: at(0, 2) }, { at: at(0, 3) }, { at: at(1) }, { at: at(2) });
    const first = await test.claim({ maxItems: 2 });
    const second = await test.claim({ maxItems: 2, behind: first?.id ?? 0 });
    expect(second === null ? null : listed(second.readings, T0).map((line) => line.slice(0, 8))).toEqual([
      'meter@3:',
      'meter@60',
    ]);
    expect(second?.more).toBe(true);
    await expect(test.claim({ behind: second?.id ?? 0 })).rejects.toThrow(/still open/);
    await test.settle(first);
    await test.queue.commitSettled();
    const third = await test.claim({ behind: second?.id ?? 0 });
    expect(third === null ? null : listed(third.readings, T0)).toHaveLength(1);
    await test.settle(second);
    await test.settle(third);
    await test.queue.commitSettled();
    expect(await test.ledger()).toMatchObject({ delivered: 5, pending: 0 });
  });

  it('gives no other lane what is claimed behind an open claim, and does not let time move it', async () => {
    const test = await open();
    await test.append({ at: at(0) }, { at: at(1) });
    const first = await test.claim({ maxItems: 1 });
    await test.claim({ maxItems: 1, behind: first?.id ?? 0 });
    expect(await test.claim({ lane: 'live', liveFrom: M0 })).toBeNull();
    expect(await test.queue.advance(at(70))).toMatchObject({ wentLate: 0 });
  });

  it('keeps what a claim behind another one had of its minute, when that one was not settled whole', async () => {
    const test = await open();
    await test.append({ at: at(0, 1) }, { at: at(0, 2) }, { at: at(0, 3) }, { at: at(1) });
    const first = await test.claim({ maxItems: 2 });
    const second = await test.claim({ behind: first?.id ?? 0 });
    await test.settle(first, { readings: 1 });
    await test.settle(second);
    await test.queue.commitSettled();
    expect(await test.ledger()).toMatchObject({ delivered: 2, pending: 2 });
    const rest = await test.claim();
    expect(rest === null ? null : listed(rest.readings, T0).map((line) => line.slice(0, 8))).toEqual([
      'meter@2:',
      'meter@3:',
    ]);
  });

  it('takes readings of unknown time for the history only: accepted and expired at once', async () => {
    const test = await open();
    await test.append({ at: at(0, 1) }, { at: at(0, 2), timeUnknown: true });
    const claim = await test.claim();
    expect(claim?.readings.length).toBe(1);
    await test.settle(claim);
    await test.queue.advance(T0);
    expect(await test.ledger()).toMatchObject({ accepted: 2, expired: 1, delivered: 1, pending: 0 });
  });

  it('counts the messages of each source, and keeps the last refusal', async () => {
    const test = await open();
    const refusal = { at: T0, topic: 'smartmeter/data', reason: 'no known field' };
    await test.queue.append(
      appendOf(
        [
          { at: at(0), message: 0 },
          { at: at(0), device: 'second', message: 0 },
          { at: at(1), source: 'roof', message: 1 },
        ],
        [{ source: 'mqtt', refused: 2, ignored: 3, refusedFields: 4, merged: 5, lastRefusal: refusal }],
      ),
    );
    const report = await test.report();
    expect(report.intake).toEqual({
      messages: 12,
      used: 7,
      duplicates: 0,
      refused: 2,
      ignored: 3,
      refusedFields: 4,
      readings: 3,
      values: 3,
    });
    expect(report.sources).toMatchObject([
      { name: 'mqtt', messages: 11, used: 6, lastRefusal: refusal, lastReadingAt: at(0) },
      { name: 'roof', messages: 1, used: 1, lastRefusal: null, lastReadingAt: at(1) },
    ]);
  });

  it('owes nothing to nobody: without a sink readings are only stored', async () => {
    const test = await open({ sinks: [] });
    await test.append({ at: at(0) });
    expect(await test.report()).toMatchObject({
      storedReadings: 1,
      pendingReadings: 0,
      sinks: [],
      oldestPendingAt: null,
    });
  });

  it('begins the ledger of a new sink now, and with backfill at the oldest stored reading', async () => {
    const test = await open();
    await test.append({ at: at(0) }, { at: at(1) });
    await test.queue.registerSinks([
      DYNATRACE,
      { ...DYNATRACE, name: 'fresh' },
      { ...DYNATRACE, name: 'filled', backfill: true },
    ]);
    await test.append({ at: at(0, 30) });
    expect(await test.ledger('fresh')).toMatchObject({ accepted: 1, pending: 1 });
    expect(await test.ledger('filled')).toMatchObject({ accepted: 3, pending: 3 });
    expect((await test.claim({ sink: 'fresh' }))?.readings.length).toBe(1);
  });

  it('lists a sink that is no longer configured as removed, and expires what it was owed at the ttl', async () => {
    const test = await open();
    await test.append({ at: at(0) });
    await test.queue.registerSinks([]);
    await test.append({ at: at(1) });
    await test.queue.advance(at(2 * 60));
    expect((await test.report()).sinks).toMatchObject([{ removed: true, ledger: { accepted: 1, pending: 1 } }]);
    await test.queue.advance(at(25 * 60));
    expect((await test.report()).sinks).toMatchObject([
      { removed: true, ledger: { accepted: 1, pending: 0, expired: 1 } },
    ]);
  });

  it('owes a removed sink what still comes for a minute it is owed, so that it gets all of it when it is back', async () => {
    const test = await open();
    await test.append({ at: at(0, 1) });
    await test.queue.registerSinks([]);
    await test.append({ at: at(0, 2) }, { at: at(1) });
    await test.queue.registerSinks([DYNATRACE]);
    await test.settle(await test.claim());
    await test.queue.advance(T0);
    expect(await test.ledger()).toMatchObject({ accepted: 2, delivered: 2, pending: 0 });
  });

  it('shows state documents at the latest after the time given', async () => {
    const test = await open();
    test.queue.putState('daemon', { pid: 1 }, 50);
    test.queue.putState('daemon', { pid: 2 }, 50);
    await expect.poll(async () => (await test.queue.report(T0)).state).toEqual({ daemon: { pid: 2 } });
  });
}
