import { expect, it, onTestFinished } from 'vitest';
import { HOUR } from '../../../src/model/time.ts';
import { openInspector } from '../../../src/queue/open-inspector.ts';
import type { Inspector, ReplayRequest } from '../../../src/queue/inspector.ts';
import type { ClaimRequest } from '../../../src/queue/queue.ts';
import { at, DYNATRACE, M0, T0, TestQueue, type TestQueueOptions } from '../../support/queue-fixture.ts';
import { listed } from '../../support/queue-readings.ts';

const WINDOWS = {
  dynatrace: [
    { route: 'metrics', behindMs: HOUR },
    { route: 'late', behindMs: 23 * HOUR },
  ],
};
const request = (changes: Partial<ReplayRequest> = {}): ReplayRequest => ({
  from: at(0),
  to: at(10),
  wholeMinutes: true,
  now: at(10),
  windows: WINDOWS,
  ...changes,
});

/** What the dispatcher would ask for at an instant. */
function lane(route: 'metrics' | 'late', now: number): Partial<ClaimRequest> {
  const minutes = Math.ceil((now - T0) / 60_000);
  return {
    lane: 'replay',
    route,
    dueBefore: M0 + minutes,
    oldest: M0 + minutes - (route === 'metrics' ? 60 : 23 * 60),
  };
}

/** Ten minutes, a reading each, all delivered. */
async function delivered(options: TestQueueOptions = {}): Promise<{ test: TestQueue; inspector: Inspector }> {
  const test = await TestQueue.open(options);
  await test.append(
    ...Array.from({ length: 10 }, (_, minute) => ({ at: at(minute, 5), device: minute % 2 === 0 ? 'even' : 'odd' })),
  );
  await test.settle(await test.claim());
  await test.queue.advance(T0);
  const inspector = openInspector(test.dataDir);
  onTestFinished(() => inspector.close());
  return { test, inspector };
}

it('plans by age, and leaves out what is pending', async () => {
  const { test, inspector } = await delivered();
  await test.append({ at: at(3, 30) });
  expect(inspector.planReplay(request({ now: at(64) }))).toEqual({
    from: at(0),
    to: at(10),
    sinks: [{ sink: 'dynatrace', total: 10, asMetrics: 6, late: 4, tooOld: 0, skippedPending: 1 }],
  });
  expect(inspector.planReplay(request({ device: 'odd', now: at(25 * 60) })).sinks).toMatchObject([
    { total: 5, tooOld: 5 },
  ]);
});

it('widens a range to whole minutes where values are folded, and only there', async () => {
  const { inspector } = await delivered();
  const narrow = { from: at(1, 10), to: at(2, 3) };
  expect(inspector.planReplay(request(narrow))).toMatchObject({ from: at(1), to: at(3), sinks: [{ total: 2 }] });
  expect(inspector.planReplay(request({ ...narrow, wholeMinutes: false }))).toMatchObject({
    ...narrow,
    sinks: [{ total: 0 }],
  });
});

it('sends what was asked for again, the newest first, and changes no ledger', async () => {
  const { test, inspector } = await delivered();
  const before = await test.ledger();
  const [queued] = inspector.queueReplay(request());
  expect(queued).toMatchObject({ sink: 'dynatrace', total: 10, asMetrics: 10, done: 0, state: 'queued' });
  expect(await test.claim(lane('late', at(10)))).toBeNull();
  const first = await test.claim({ ...lane('metrics', at(10)), maxItems: 4 });
  expect(first).toMatchObject({ replay: queued?.id, more: true });
  expect(first === null ? [] : listed(first.readings, T0).map((line) => line.split(':')[0])).toEqual([
    'odd@545',
    'even@485',
    'odd@425',
    'even@365',
  ]);
  await test.settle(first);
  const second = await test.claim(lane('metrics', at(10)));
  expect(second?.readings.length).toBe(6);
  expect(inspector.replay(queued?.id ?? 0)).toMatchObject({ state: 'running', done: 4 });
  await test.settle(second);
  expect(await test.claim(lane('metrics', at(10)))).toBeNull();
  expect(inspector.replay(queued?.id ?? 0)).toMatchObject({
    state: 'done',
    done: 10,
    total: 10,
    asMetrics: 10,
    late: 0,
    tooOld: 0,
  });
  expect(await test.ledger()).toEqual(before);
});

it('goes on with the late route where metrics end, and counts what is too old', async () => {
  const { test, inspector } = await delivered();
  const [queued] = inspector.queueReplay(request({ now: at(64) }));
  const fresh = await test.claim(lane('metrics', at(64)));
  expect(fresh?.readings.length).toBe(6);
  await test.settle(fresh);
  expect(await test.claim(lane('metrics', at(64)))).toBeNull();
  const late = await test.claim({ ...lane('late', at(64)), maxItems: 2 });
  expect(late?.readings.length).toBe(2);
  await test.settle(late);
  expect(await test.claim(lane('late', at(25 * 60)))).toBeNull();
  expect(inspector.replay(queued?.id ?? 0)).toMatchObject({
    state: 'done',
    total: 10,
    asMetrics: 6,
    late: 2,
    tooOld: 2,
    done: 10,
  });
});

it('sends one batch of a replay at a time, also when its minutes become late meanwhile', async () => {
  const { test, inspector } = await delivered();
  const [queued] = inspector.queueReplay(request());
  const first = await test.claim({ ...lane('metrics', at(10)), maxItems: 4 });
  expect(await test.claim(lane('late', at(75)))).toBeNull();
  await test.settle(first);
  const rest = await test.claim(lane('late', at(75)));
  expect(rest?.readings.length).toBe(6);
  await test.settle(rest);
  expect(await test.claim(lane('late', at(75)))).toBeNull();
  expect(inspector.replay(queued?.id ?? 0)).toMatchObject({ state: 'done', done: 10, asMetrics: 4, late: 6 });
});

it('performs one replay of a sink after the other, and goes on after a restart', async () => {
  const { test, inspector } = await delivered();
  const [one] = inspector.queueReplay(request({ to: at(2) }));
  const [two] = inspector.queueReplay(request({ from: at(5), to: at(6) }));
  await test.settle(await test.claim({ ...lane('metrics', at(10)), maxItems: 1 }));
  await test.close();
  const again = await TestQueue.open({ dataDir: test.dataDir });
  const rest = await again.claim(lane('metrics', at(10)));
  expect(rest).toMatchObject({ replay: one?.id, readings: { length: 1 } });
  await again.settle(rest);
  expect(await again.claim(lane('metrics', at(10)))).toMatchObject({ replay: two?.id, readings: { length: 1 } });
});

it('sends only what belongs to the device and the range', async () => {
  const { test, inspector } = await delivered();
  inspector.queueReplay(request({ device: 'odd', from: at(1), to: at(4), wholeMinutes: false }));
  const claim = await test.claim(lane('metrics', at(10)));
  expect(claim === null ? [] : listed(claim.readings, T0).map((line) => line.split(':')[0])).toEqual([
    'odd@185',
    'odd@65',
  ]);
});

it('does not send what is pending: it is sent anyway', async () => {
  const { test, inspector } = await delivered();
  await test.append({ at: at(3, 30), device: 'late-comer' });
  inspector.queueReplay(request({ from: at(3), to: at(4) }));
  const claim = await test.claim(lane('metrics', at(10)));
  expect(claim === null ? [] : listed(claim.readings, T0).map((line) => line.split(':')[0])).toEqual(['odd@185']);
});

it('makes no dead letter of a line that is refused in a replay', async () => {
  const { test, inspector } = await delivered();
  inspector.queueReplay(request({ to: at(1) }));
  const samples = [[at(0, 5), 1]] as const;
  await test.settle(await test.claim(lane('metrics', at(10))), {
    deadLetters: [{ device: 'even', quantity: 'power.active.import', samples, reason: 'no' }],
  });
  await test.queue.advance(T0);
  expect(inspector.deadLetters({})).toEqual([]);
  expect(await test.ledger()).toMatchObject({ deadLettered: 0, delivered: 10 });
});

it('queues one intent per configured sink, and fails those of a sink that is gone', async () => {
  const other = { ...DYNATRACE, name: 'other', backfill: true };
  const { test, inspector } = await delivered();
  await test.queue.registerSinks([DYNATRACE, other]);
  const windows = { ...WINDOWS, other: WINDOWS.dynatrace };
  expect(inspector.queueReplay(request({ windows })).map(({ sink }) => sink)).toEqual(['dynatrace']);
  await test.settle(await test.claim({ sink: 'other' }));
  await test.queue.advance(T0);
  expect(inspector.queueReplay(request({ windows })).map(({ sink }) => sink)).toEqual(['dynatrace', 'other']);
  expect(inspector.queueReplay(request({ windows, sink: 'other' }))).toHaveLength(1);
  await test.queue.registerSinks([other]);
  expect((await test.report()).replays.map(({ sink, state }) => `${sink} ${state}`)).toEqual([
    'dynatrace failed',
    'dynatrace failed',
    'other queued',
    'other queued',
  ]);
});

it('wakes the daemon when another process has asked for one', async () => {
  const { test, inspector } = await delivered();
  let noticed = 0;
  test.queue.onForeignChange(() => noticed++);
  inspector.queueReplay(request());
  await expect.poll(() => noticed, { timeout: 3_000 }).toBe(1);
});
