import { describe, expect, it } from 'vitest';
import type { Accepted } from '../../src/model/outcome.ts';
import { MINUTE, SECOND } from '../../src/model/time.ts';
import { DispatchRig, START } from '../support/dispatch-rig.ts';
import {
  accepted,
  busy,
  choking,
  FakeSink,
  judging,
  page,
  refused,
  unauthorised,
  unreachable,
  type Behaviour,
} from '../support/fake-sink.ts';
import { settled } from '../support/stepped-clock.ts';

describe('what every outcome means', () => {
  it('settles what was accepted, once', async () => {
    const rig = new DispatchRig();
    for (let i = 1; i <= 3; i++) rig.store(i);
    rig.dispatcher.start();
    await rig.machine.advance(5 * MINUTE);
    expect(rig.queue.ledger).toMatchObject({ accepted: 3, delivered: 3, pending: 0 });
    expect(rig.sink.sent()).toHaveLength(3);
    expect(rig.errors).toEqual([]);
    await rig.stop();
  });

  it('dead-letters a bad line alone, with the text of the server, and delivers the rest of its batch', async () => {
    const rig = new DispatchRig();
    for (const device of ['a', 'b', 'c']) rig.store(2, device);
    rig.sink.behaviour.metrics = judging((item) => item.device === 'b');
    rig.dispatcher.start();
    await rig.machine.advance(SECOND);
    expect(rig.queue.ledger).toMatchObject({ delivered: 2, deadLettered: 1, pending: 0 });
    expect(rig.queue.deadLetters).toMatchObject([{ device: 'b', reason: 'bad b power.active.import' }]);
    expect(rig.sink.withReadings()).toHaveLength(1);
    await rig.stop();
  });

  it('dead-letters every value that was folded into a refused line, and no other', async () => {
    const rig = new DispatchRig();
    const minute = START - 2 * MINUTE - 30 * SECOND;
    for (let i = 0; i < 6; i++) rig.queue.store('meter', minute + i * 10_000, { good: i, bad: 10 + i });
    rig.sink.behaviour.metrics = judging((item) => item.quantity === 'bad');
    rig.dispatcher.start();
    await rig.machine.advance(SECOND);
    expect(rig.queue.ledger).toMatchObject({ delivered: 6, deadLettered: 6, pending: 0 });
    expect(rig.queue.deadLetters).toHaveLength(1);
    expect(rig.queue.deadLetters[0]?.samples.map(([, value]) => value)).toEqual([10, 11, 12, 13, 14, 15]);
    await rig.stop();
  });

  it('claims once, settles once and tells its counts once for all requests of a batch', async () => {
    const rig = new DispatchRig({ sink: new FakeSink('raw', 10) });
    for (let i = 0; i < 40; i++) rig.store(20, String(i));
    rig.dispatcher.start();
    await rig.machine.advance(SECOND);
    expect(rig.queue.ledger).toMatchObject({ delivered: 40, pending: 0 });
    expect(rig.sink.withReadings()).toHaveLength(4);
    // The others find that there is nothing more.
    expect(rig.queue.claimed.filter(({ lane }) => lane === 'backlog').length).toBeLessThanOrEqual(3);
    const told = rig.queue.puts.filter(({ value }) => (value as { lines?: number }).lines !== undefined);
    expect(told.length).toBeLessThanOrEqual(4);
    expect(told.at(-1)?.value).toMatchObject({ lines: 40 });
    await rig.stop();
  });

  it('finds the 37 bad lines of 1,000 although the server lists only ten', async () => {
    const rig = new DispatchRig();
    for (let i = 0; i < 1_000; i++) rig.store(2, String(i));
    rig.sink.behaviour.metrics = judging((item) => isThirteenth(item.device), 10);
    rig.dispatcher.start();
    await rig.machine.advance(SECOND);
    expect(rig.queue.ledger).toMatchObject({ delivered: 963, deadLettered: 37, pending: 0 });
    expect(rig.queue.deadLetters.every(({ device, reason }) => isThirteenth(device) && reason.startsWith('bad '))).toBe(
      true,
    );
    await rig.stop();
  });

  it('tries a refused batch once uncompressed, and keeps to that when it helps', async () => {
    const rig = new DispatchRig();
    rig.store(2, 'a');
    rig.store(2, 'b');
    rig.sink.behaviour.metrics = ({ identity, items }) => (identity || items.length === 0 ? accepted : refused(true));
    rig.dispatcher.start();
    await rig.machine.advance(SECOND);
    expect(rig.sink.withReadings().map((r) => r.identity)).toEqual([false, true]);
    expect(rig.queue.ledger).toMatchObject({ delivered: 2, pending: 0 });
    rig.store(1, 'a');
    await rig.machine.advance(20 * SECOND);
    expect(rig.sink.withReadings().map((r) => r.identity)).toEqual([false, true, true]);
    await rig.stop();
  });

  it('halves a batch that is refused as a whole until the one poison reading stands alone', async () => {
    const rig = new DispatchRig();
    for (let i = 0; i < 100; i++) rig.store(2, String(i));
    rig.sink.behaviour.metrics = choking((item) => item.device === '0', true);
    rig.dispatcher.start();
    await rig.machine.advance(SECOND);
    expect(rig.queue.ledger).toMatchObject({ delivered: 99, deadLettered: 1, pending: 0 });
    expect(rig.queue.deadLetters).toMatchObject([{ device: '0', reason: 'Bad Request' }]);
    expect(rig.dispatcher.problems()).toEqual([]);
    await rig.stop();
  });

  it('keeps everything and says so when a server refuses everything, then delivers all of it when it recovers', async () => {
    const rig = new DispatchRig();
    for (let i = 0; i < 200; i++) rig.store(2, String(i));
    rig.sink.behaviour.metrics = choking(() => true, true);
    rig.dispatcher.start();
    await rig.machine.advance(10 * MINUTE);
    expect(rig.queue.ledger).toMatchObject({ delivered: 0, deadLettered: 0, pending: 200 });
    expect(rig.dispatcher.problems()).toMatchObject([{ code: 'sink.blocked' }]);
    rig.sink.behaviour.metrics = () => accepted;
    await rig.machine.advance(2 * MINUTE);
    expect(rig.queue.ledger).toMatchObject({ delivered: 200, deadLettered: 0, pending: 0 });
    expect(rig.dispatcher.problems()).toEqual([]);
    await rig.stop();
  });

  it('keeps everything when a server calls every single line bad', async () => {
    const rig = new DispatchRig();
    for (let i = 0; i < 200; i++) rig.store(2, String(i));
    rig.sink.behaviour.metrics = judging(() => true);
    rig.dispatcher.start();
    await rig.machine.advance(5 * MINUTE);
    expect(rig.queue.ledger).toMatchObject({ delivered: 0, deadLettered: 0, pending: 200 });
    expect(rig.dispatcher.problems()).toMatchObject([{ code: 'sink.blocked' }]);
    await rig.stop();
  });

  it('lets a lone poison reading wait for the next reading, then dead-letters it', async () => {
    const rig = new DispatchRig();
    rig.store(2, 'poison');
    rig.sink.behaviour.metrics = choking((item) => item.device === 'poison');
    rig.dispatcher.start();
    await rig.machine.advance(30 * SECOND);
    expect(rig.queue.ledger).toMatchObject({ deadLettered: 0, pending: 1 });
    rig.store(1, 'good');
    await rig.machine.advance(2 * MINUTE);
    expect(rig.queue.ledger).toMatchObject({ delivered: 1, deadLettered: 1, pending: 0 });
    await rig.stop();
  });

  it('gets past a hundred poison readings at the head of the backlog', async () => {
    const rig = new DispatchRig();
    for (let i = 0; i < 300; i++) rig.store(20, String(i));
    rig.sink.behaviour.metrics = choking((item) => Number(item.device) < 100);
    rig.dispatcher.start();
    await rig.machine.advance(5 * MINUTE);
    expect(rig.queue.ledger).toMatchObject({ delivered: 200, deadLettered: 100, pending: 0 });
    await rig.stop();
  });

  it('dead-letters what the sink has no form for, with that reason', async () => {
    const rig = new DispatchRig();
    rig.store(2, 'meter', 'formless');
    rig.store(2, 'meter', 'power.active.import');
    rig.dispatcher.start();
    await rig.machine.advance(SECOND);
    expect(rig.queue.ledger).toMatchObject({ delivered: 1, deadLettered: 1, pending: 0 });
    expect(rig.queue.deadLetters[0]?.reason).toContain('no form');
    await rig.stop();
  });

  it('gives a line that became too old on the way to the late route, not to the dead letters', async () => {
    const rig = new DispatchRig();
    rig.store(50);
    rig.store(10);
    const serverDate = START + 9 * MINUTE;
    const judge = judging((item) => item.at < START - 45 * MINUTE);
    rig.sink.behaviour.metrics = async (request) => ({ ...(await judge(request)), serverDate });
    rig.dispatcher.start();
    await rig.machine.advance(10 * SECOND);
    expect(rig.queue.ledger).toMatchObject({ delivered: 1, late: 1, deadLettered: 0, pending: 0 });
    await rig.stop();
  });

  it.each([
    ['401', unauthorised],
    ['a web page', page],
    ['429', busy()],
    ['no answer', unreachable],
  ])('keeps everything on %s and names the problem', async (_name, outcome) => {
    const rig = new DispatchRig();
    for (let i = 1; i <= 20; i++) rig.store(i);
    rig.sink.behaviour.metrics = () => outcome;
    rig.dispatcher.start();
    await rig.machine.advance(10 * MINUTE);
    expect(rig.queue.ledger).toMatchObject({ accepted: 20, pending: 20 });
    const code = outcome.kind === 'blocked' ? 'sink.blocked' : 'sink.retrying';
    expect(rig.dispatcher.problems()).toMatchObject([{ code }]);
    expect(rig.queue.states.get('sink:sink:metrics')).toMatchObject({
      state: outcome.kind === 'blocked' ? 'blocked' : 'retrying',
      lastError: { message: outcome.message, status: outcome.status ?? null },
    });
    rig.sink.behaviour.metrics = () => accepted;
    await rig.machine.advance(6 * MINUTE);
    expect(rig.queue.ledger).toMatchObject({ delivered: 20, pending: 0 });
    expect(rig.queue.states.get('sink:sink:metrics')).toMatchObject({ state: 'ok', lastError: null });
    await rig.stop();
  });
});

describe('how many requests are on their way', () => {
  it.each([
    ['that took health', accepted],
    ['that took nothing, and is probed', unreachable],
  ])('one of a route %s, then at most two of its backlog', async (_name, greeting) => {
    const rig = new DispatchRig({ sink: new FakeSink('raw', 10) });
    for (let i = 0; i < 90; i++) rig.store(20, String(i));
    rig.sink.healthAnswer = greeting;
    const counts = counted(rig);
    rig.dispatcher.start();
    await settled();
    rig.sink.healthAnswer = null;
    await rig.machine.advance(20 * SECOND);
    expect(rig.queue.ledger).toMatchObject({ delivered: 90, pending: 0 });
    expect(counts.slice(0, 3)).toEqual([1, 1, 2]);
    expect(counts).toHaveLength(9);
    expect(Math.max(...counts)).toBe(2);
    expect(counts.filter((count) => count === 2).length).toBeGreaterThan(4);
    await rig.stop();
  });

  it('one on a line so slow that it takes ten seconds', async () => {
    const rig = new DispatchRig({ sink: new FakeSink('raw', 10) });
    for (let i = 0; i < 90; i++) rig.store(20, String(i));
    const counts = counted(rig, [], 10 * SECOND);
    rig.dispatcher.start();
    await rig.machine.advance(3 * MINUTE);
    expect(rig.queue.ledger).toMatchObject({ delivered: 90, pending: 0 });
    // The first batch has begun before it is known.
    expect(counts.slice(-5)).toEqual([1, 1, 1, 1, 1]);
    await rig.stop();
  });

  it('one of a batch behind one that was refused in part', async () => {
    const rig = new DispatchRig({ sink: new FakeSink('raw', 10) });
    for (let i = 0; i < 130; i++) rig.store(20, String(i));
    const answers: Behaviour[] = [];
    // The last one of the second batch.
    answers[7] = (request) => judging((item) => item === request.items[0])(request);
    const counts = counted(rig, answers);
    rig.dispatcher.start();
    await rig.machine.advance(20 * SECOND);
    expect(rig.queue.ledger).toMatchObject({ delivered: 129, deadLettered: 1, pending: 0 });
    expect(counts).toHaveLength(13);
    expect(counts.slice(8, 10)).toEqual([1, 1]);
    await rig.stop();
  });

  it('one of fresh values', async () => {
    const rig = new DispatchRig({ sink: new FakeSink('raw', 10) });
    for (let i = 0; i < 60; i++) rig.store(2, String(i));
    const counts = counted(rig);
    rig.dispatcher.start();
    await rig.machine.advance(20 * SECOND);
    expect(rig.queue.ledger).toMatchObject({ delivered: 60, pending: 0 });
    expect(counts).toEqual([1, 1, 1, 1, 1, 1]);
    await rig.stop();
  });

  it.each([2, 4])('never ends a wait that the first of two was asked for, when %i went before them', async (before) => {
    const rig = new DispatchRig({ sink: new FakeSink('raw', 10) });
    for (let i = 0; i < 90; i++) rig.store(20, String(i));
    let count = 0;
    rig.sink.behaviour.metrics = async (request) => {
      if (request.items.length === 0 || count++ < before) return accepted;
      const isFirst = count === before + 1;
      await rig.machine.sleep(isFirst ? 100 : 200);
      return isFirst ? busy(5 * MINUTE) : judging((item) => item === request.items[0])(request);
    };
    rig.dispatcher.start();
    await rig.machine.advance(4 * MINUTE);
    expect(rig.sink.withReadings()).toHaveLength(before + 2);
    expect(rig.dispatcher.problems()).toMatchObject([{ code: 'sink.retrying' }]);
    rig.sink.behaviour.metrics = () => accepted;
    await rig.machine.advance(2 * MINUTE);
    expect(rig.queue.ledger).toMatchObject({ pending: 0 });
    await rig.stop();
  });
});

describe('when it sends', () => {
  it('sends only its own health while the clock is unconfirmed', async () => {
    const rig = new DispatchRig({ confirmed: false });
    rig.store(2);
    rig.dispatcher.start();
    await rig.machine.advance(10 * MINUTE);
    expect(rig.sink.requests.metrics.length).toBeGreaterThan(5);
    expect(rig.sink.withReadings()).toEqual([]);
    expect(rig.queue.advances).toBe(0);
    rig.sink.behaviour.metrics = () => ({ ...accepted, serverDate: rig.machine.wallMs() });
    await rig.machine.advance(2 * MINUTE);
    expect(rig.queue.ledger).toMatchObject({ delivered: 1 });
    await rig.stop();
  });

  it('keeps the queue within its bounds until the clock is confirmed, and moves time on from that moment', async () => {
    const rig = new DispatchRig({ confirmed: false });
    rig.dispatcher.start();
    await rig.machine.advance(MINUTE);
    expect(rig.queue.boundsKept).toBeGreaterThan(10);
    expect(rig.queue.advances).toBe(0);
    rig.clock.confirm('test');
    await rig.machine.advance(SECOND);
    const { boundsKept, advances } = rig.queue;
    expect(advances).toBe(1);
    await rig.machine.advance(MINUTE);
    expect(rig.queue.boundsKept).toBe(boundsKept);
    expect(rig.queue.advances).toBeLessThan(15);
    await rig.stop();
  });

  it('makes a first request with nothing but health, and tells the clock when its answer was true', async () => {
    const rig = new DispatchRig({ confirmed: false });
    rig.store(2);
    const date = START + 90 * SECOND;
    rig.sink.behaviour.metrics = async () => {
      await rig.machine.sleep(400);
      return { ...accepted, serverDate: date };
    };
    rig.dispatcher.start();
    await settled();
    const sentMono = rig.machine.monoMs();
    expect(rig.sink.requests.metrics).toMatchObject([{ items: [], health: 1 }]);
    await rig.machine.advance(400);
    expect(rig.clock.observed[0]).toEqual({ at: date, mono: sentMono + 200 });
    await rig.stop();
  });

  it('makes that first request at once in the first seconds of 1970 too', async () => {
    const rig = new DispatchRig({ confirmed: false });
    rig.machine.step(2 * SECOND - START);
    rig.dispatcher.start();
    await settled();
    expect(rig.sink.requests.metrics).toMatchObject([{ items: [], health: 1 }]);
    await rig.stop();
  });

  it('sends no reading before that first request is over, even when the clock is right already', async () => {
    const rig = new DispatchRig();
    rig.store(2);
    rig.sink.behaviour.metrics = async ({ items }) => {
      if (items.length === 0) await rig.machine.sleep(3 * SECOND);
      return items.length === 0 ? unreachable : accepted;
    };
    rig.dispatcher.start();
    await rig.machine.advance(2 * SECOND);
    expect(rig.sink.requests.metrics).toHaveLength(1);
    await rig.machine.advance(4 * SECOND);
    expect(rig.queue.ledger).toMatchObject({ delivered: 1 });
    await rig.stop();
  });

  it('lets health ride on one request of a batch only', async () => {
    const rig = new DispatchRig({ sink: new FakeSink('minute', 2) });
    rig.dispatcher.start();
    await rig.machine.advance(SECOND);
    const before = rig.sink.requests.metrics.length;
    for (let i = 0; i < 3; i++) rig.queue.store(String(i), START, { a: 1, b: 2 });
    rig.sink.behaviour.metrics = judging((item) => item.quantity === 'b', 0);
    await rig.machine.advance(40 * SECOND);
    const health = rig.sink.requests.metrics.slice(before).map((request) => request.health);
    expect(health.length).toBeGreaterThan(3);
    expect(health.reduce((a, b) => a + b, 0)).toBe(1);
    await rig.stop();
  });

  it('lets health ride again with the next request when the one it rode with has failed', async () => {
    const rig = new DispatchRig();
    rig.dispatcher.start();
    await rig.machine.advance(SECOND);
    rig.store(0);
    rig.sink.behaviour.metrics = () => (rig.sink.withReadings().length === 1 ? unreachable : accepted);
    await rig.machine.advance(40 * SECOND);
    expect(rig.sink.withReadings().map(({ health }) => health)).toEqual([1, 1]);
    await rig.stop();
  });

  it('sends fresh minutes first and drains the backlog beside them, the oldest first', async () => {
    const rig = new DispatchRig({ sink: new FakeSink('minute', 2) });
    for (let i = 1; i <= 12; i++) rig.store(i);
    rig.dispatcher.start();
    await rig.machine.advance(10 * SECOND);
    const minutes = rig.sink
      .withReadings()
      .map(({ items }) => items.map(({ at }) => Math.round((START - at) / MINUTE)));
    expect(minutes.flat()).toHaveLength(12);
    const live = minutes.filter(([first = 0]) => first <= 5).flat();
    const backlog = minutes.filter(([first = 0]) => first > 5).flat();
    expect(live).toEqual([...live].sort((a, b) => a - b));
    expect(backlog).toEqual([...backlog].sort((a, b) => b - a));
    expect(minutes.findIndex(([first = 0]) => first > 5)).toBe(1);
    await rig.stop();
  });

  it('sends a folded minute five seconds after its end, one line per series', async () => {
    const rig = new DispatchRig();
    rig.dispatcher.start();
    await rig.machine.advance(SECOND);
    for (let i = 0; i < 5; i++) rig.dispatcher.wake(rig.queue.store('meter', START + i, { power: i }));
    await rig.machine.advance(33 * SECOND);
    expect(rig.sink.withReadings()).toEqual([]);
    await rig.machine.advance(2 * SECOND);
    expect(rig.sink.sent()).toMatchObject([{ count: 5, at: START + 4 }]);
    await rig.stop();
  });

  it('sends raw values at once when idle, and lets those that follow wait for company at most for flush', async () => {
    const rig = new DispatchRig({ sink: new FakeSink('raw', 20) });
    rig.dispatcher.start();
    await rig.machine.advance(2 * SECOND);
    rig.store(0);
    await rig.machine.advance(250);
    expect(rig.sink.withReadings()).toHaveLength(1);
    for (let i = 0; i < 5; i++) rig.store(0, String(i));
    await rig.machine.advance(9_500);
    expect(rig.sink.withReadings()).toHaveLength(1);
    await rig.machine.advance(500);
    expect(rig.sink.withReadings()).toHaveLength(2);
    for (let i = 0; i < 25; i++) rig.store(0, String(i));
    await rig.machine.advance(250);
    expect(rig.sink.sent().length).toBeGreaterThanOrEqual(26);
    await rig.stop();
  });

  it('obeys Retry-After on both lanes, and survives a restart with it', async () => {
    const rig = new DispatchRig();
    rig.sink.behaviour.metrics = () => busy(10 * MINUTE);
    for (let i = 1; i <= 20; i++) rig.store(i);
    rig.dispatcher.start();
    await rig.machine.advance(MINUTE);
    expect(rig.sink.requests.metrics).toHaveLength(1);
    await rig.stop();

    const next = new DispatchRig({ queue: rig.queue });
    next.dispatcher.start();
    await next.machine.advance(8 * MINUTE);
    expect(next.sink.requests.metrics).toEqual([]);
    await next.machine.advance(3 * MINUTE);
    expect(rig.queue.ledger).toMatchObject({ delivered: 20 });
    await next.stop();
  });

  it('makes one attempt at once after a restart when no Retry-After runs', async () => {
    const rig = new DispatchRig();
    rig.sink.behaviour.metrics = () => unauthorised;
    rig.dispatcher.start();
    await rig.machine.advance(SECOND);
    await rig.stop();
    const next = new DispatchRig({ queue: rig.queue });
    next.dispatcher.start();
    await next.machine.advance(1);
    expect(next.sink.requests.metrics).toHaveLength(1);
    await next.stop();
  });

  it('probes with one request at a time while the route is down, and never faster than its back-off', async () => {
    const rig = new DispatchRig();
    for (let i = 1; i <= 20; i++) rig.store(i);
    rig.sink.behaviour.metrics = () => unreachable;
    rig.dispatcher.start();
    await rig.machine.advance(MINUTE);
    expect(rig.sink.requests.metrics.length).toBeGreaterThanOrEqual(28);
    expect(rig.sink.requests.metrics.length).toBeLessThanOrEqual(32);
    await rig.stop();
  });

  it('tries a blocked route at once when a secret has changed', async () => {
    const rig = new DispatchRig();
    rig.store(2);
    rig.sink.behaviour.metrics = () => unauthorised;
    rig.dispatcher.start();
    await rig.machine.advance(30 * SECOND);
    expect(rig.sink.requests.metrics).toHaveLength(1);
    rig.sink.behaviour.metrics = () => accepted;
    rig.sink.changed = true;
    await rig.machine.advance(3 * SECOND);
    expect(rig.queue.ledger).toMatchObject({ delivered: 1 });
    await rig.stop();
  });

  it('says once that the sink counts fewer lines than it was sent, and again after the counts have agreed', async () => {
    const rig = new DispatchRig();
    const miscounts = (): number => rig.warnings.filter((text) => text.includes('counts fewer')).length;
    rig.dispatcher.start();
    const sendTwo = async (outcome: Accepted): Promise<void> => {
      rig.sink.behaviour.metrics = ({ items }) => (items.length === 0 ? accepted : outcome);
      for (let i = 0; i < 2; i++) {
        rig.store(2);
        await rig.machine.advance(20 * SECOND);
      }
    };
    await sendTwo({ ...accepted, uncounted: 1 });
    expect(miscounts()).toBe(1);
    await sendTwo(accepted);
    await sendTwo({ ...accepted, uncounted: 1 });
    expect(miscounts()).toBe(2);
    expect(rig.queue.ledger).toMatchObject({ accepted: 6, delivered: 6 });
    await rig.stop();
  });

  it('tells its health once a minute, with live values or alone', async () => {
    const rig = new DispatchRig();
    rig.dispatcher.start();
    await rig.machine.advance(SECOND);
    const first = rig.sink.requests.metrics.length;
    await rig.machine.advance(10 * MINUTE);
    expect(rig.sink.requests.metrics.length - first).toBe(10);
    for (let i = 0; i < 10; i++) {
      rig.store(0);
      await rig.machine.advance(MINUTE);
    }
    const withHealth = rig.sink.requests.metrics.slice(first + 10).filter(({ health }) => health > 0);
    expect(withHealth).toHaveLength(10);
    expect(withHealth.every(({ items }) => items.length === 1)).toBe(true);
    await rig.stop();
  });

  it('runs retries and replays only when nothing fresher is left, and again when it is told of them', async () => {
    const rig = new DispatchRig();
    rig.queue.store('replayed', START - 20 * MINUTE, { power: 1 }, 'replay');
    rig.queue.store('retried', START - 21 * MINUTE, { power: 1 }, 'retry');
    rig.store(2, 'fresh');
    rig.store(30, 'old');
    rig.dispatcher.start();
    await rig.machine.advance(5 * SECOND);
    expect(rig.sink.sent().map(({ device }) => device)).toEqual(['fresh', 'old', 'retried', 'replayed']);
    rig.queue.store('replayed again', START - 20 * MINUTE, { power: 1 }, 'replay');
    rig.dispatcher.foreignChange();
    await rig.machine.advance(2 * SECOND);
    expect(rig.sink.sent().at(-1)?.device).toBe('replayed again');
    expect(rig.queue.balance).toBe(0);
    await rig.stop();
  });
});

describe('retries and replays', () => {
  it('wait while live values are on their way', async () => {
    const rig = new DispatchRig();
    rig.sink.behaviour.metrics = async ({ items }) => {
      if (items.some(({ device }) => device === 'fresh')) await rig.machine.sleep(30 * SECOND);
      return accepted;
    };
    rig.store(2, 'fresh');
    rig.queue.store('replayed', START - 20 * MINUTE, { power: 1 }, 'replay');
    rig.dispatcher.start();
    await rig.machine.advance(29 * SECOND);
    expect(rig.sink.sent().map(({ device }) => device)).toEqual(['fresh']);
    await rig.machine.advance(3 * SECOND);
    expect(rig.sink.sent().map(({ device }) => device)).toEqual(['fresh', 'replayed']);
    await rig.stop();
  });
});

describe('the late route', () => {
  it('takes what is too old for metrics, one item per reading', async () => {
    const rig = new DispatchRig();
    rig.queue.store('meter', START - 3 * 60 * MINUTE, { a: 1, b: 2 });
    rig.dispatcher.start();
    await rig.machine.advance(10 * SECOND);
    expect(rig.sink.sent('late')).toMatchObject([{ count: 2 }]);
    expect(rig.queue.ledger).toMatchObject({ late: 2, delivered: 0, pending: 0 });
    await rig.stop();
  });

  it('blocks alone, and is a problem only while values wait for it', async () => {
    const rig = new DispatchRig();
    rig.sink.behaviour.late = () => unauthorised;
    rig.dispatcher.start();
    await rig.machine.advance(MINUTE);
    expect(rig.dispatcher.problems()).toEqual([]);
    rig.queue.store('meter', rig.machine.wallMs() - 22 * 60 * MINUTE, { a: 1 });
    rig.store(2);
    await rig.machine.advance(10 * SECOND);
    expect(rig.queue.ledger).toMatchObject({ delivered: 1, pending: 1 });
    expect(rig.dispatcher.problems()).toMatchObject([{ code: 'late.blocked' }]);
    await rig.machine.advance(61 * MINUTE);
    expect(rig.queue.ledger).toMatchObject({ delivered: 1, expired: 1, pending: 0 });
    expect(rig.dispatcher.problems()).toEqual([]);
    await rig.stop();
  });
});

describe('starting, stopping, going wrong', () => {
  it('only collects until it may dispatch, but lets time move on in the queue; then sends what was kept', async () => {
    const may = Promise.withResolvers<void>();
    const rig = new DispatchRig({ mayDispatch: () => may.promise });
    rig.store(2);
    rig.dispatcher.start();
    await rig.machine.advance(MINUTE);
    expect(rig.sink.requests).toEqual({ metrics: [], late: [] });
    expect(rig.queue.advances).toBeGreaterThan(5);
    may.resolve();
    await rig.machine.advance(MINUTE);
    expect(rig.queue.ledger).toMatchObject({ delivered: 1, pending: 0 });
    await rig.stop();
  });

  it('says for how long a request has brought nothing, and nothing of a route that only waits', async () => {
    const rig = new DispatchRig();
    rig.sink.behaviour.metrics = () => unauthorised;
    rig.dispatcher.start();
    rig.store(2);
    await rig.machine.advance(10 * MINUTE);
    expect(rig.dispatcher.stalledMs).toBe(0);
    rig.sink.behaviour.metrics = () => new Promise(() => undefined);
    rig.sink.changed = true;
    await rig.machine.advance(10 * MINUTE);
    expect(rig.dispatcher.stalledMs).toBeGreaterThan(9 * MINUTE);
    await rig.stop();
  });

  it('stops at once although it may not dispatch yet', async () => {
    const rig = new DispatchRig({ mayDispatch: (signal) => rig.machine.sleep(30 * MINUTE, signal) });
    rig.dispatcher.start();
    await rig.stop();
    expect(rig.machine.sleeping).toBe(0);
    expect(rig.sink.requests).toEqual({ metrics: [], late: [] });
  });

  it('stops within its deadline although a request hangs, and gives its claim back', async () => {
    const rig = new DispatchRig();
    rig.store(2);
    const hanging = Promise.withResolvers<void>();
    rig.sink.behaviour.metrics = async ({ items, signal }) => {
      if (items.length === 0) return accepted;
      signal.addEventListener('abort', () => hanging.resolve());
      await hanging.promise;
      return unreachable;
    };
    rig.dispatcher.start();
    await rig.machine.advance(SECOND);
    expect(rig.queue.openClaims).toBe(1);
    let stopped = false;
    const stopping = rig.dispatcher.stop(2_000).then(() => {
      stopped = true;
    });
    await rig.machine.advance(2_000);
    await settled();
    expect(stopped).toBe(true);
    await stopping;
    expect(rig.queue.openClaims).toBe(0);
    expect(rig.queue.ledger).toMatchObject({ pending: 1 });
  });

  it('lets a request in flight finish when it does so in time', async () => {
    const rig = new DispatchRig();
    rig.store(2);
    rig.sink.behaviour.metrics = async ({ items }) => {
      if (items.length > 0) await rig.machine.sleep(500);
      return accepted;
    };
    rig.dispatcher.start();
    await rig.machine.advance(100);
    await rig.stop();
    expect(rig.queue.ledger).toMatchObject({ delivered: 1, pending: 0 });
  });

  it('sends nothing twice while the queue cannot settle, says so once, and goes on when it can', async () => {
    const rig = new DispatchRig();
    rig.store(2);
    for (let i = 0; i < 3; i++) rig.queue.settleErrors.push(new Error('database or disk is full'));
    rig.dispatcher.start();
    rig.store(1);
    await rig.machine.advance(2 * MINUTE);
    expect(rig.queue.ledger).toMatchObject({ delivered: 2, pending: 0 });
    expect(rig.sink.sent()).toHaveLength(2);
    expect(rig.errors.filter((text) => text.includes('disk is full'))).toHaveLength(1);
    await rig.stop();
  });

  it('sends again rather than never when a settle fails for good', async () => {
    const rig = new DispatchRig();
    rig.store(2);
    for (let i = 0; i < 12; i++) rig.queue.settleErrors.push(new Error('no such claim'));
    rig.dispatcher.start();
    await rig.machine.advance(3 * MINUTE);
    expect(rig.queue.ledger).toMatchObject({ delivered: 1, pending: 0 });
    expect(rig.sink.sent()).toHaveLength(2);
    await rig.stop();
  });

  it('writes state documents on change only', async () => {
    const rig = new DispatchRig();
    rig.dispatcher.start();
    await rig.machine.advance(SECOND);
    const puts = rig.queue.puts.length;
    await rig.machine.advance(30 * SECOND);
    rig.store(2);
    await rig.machine.advance(SECOND);
    const later = rig.queue.puts.slice(puts);
    expect(later.every(({ key, withinMs }) => key === 'sink:sink' && withinMs === 10_000)).toBe(true);
    await rig.stop();
  });
});

/** Every answer takes a while; how many were on their way with each request of readings, itself included. */
function counted(rig: DispatchRig, answers: readonly Behaviour[] = [], tookMs = 100): number[] {
  const counts: number[] = [];
  let now = 0;
  rig.sink.behaviour.metrics = async (request) => {
    if (request.items.length === 0) return accepted;
    const answer = answers[counts.push(++now) - 1];
    await rig.machine.sleep(tookMs);
    now--;
    return await (answer?.(request) ?? accepted);
  };
  return counts;
}

function isThirteenth(device: string): boolean {
  return Number(device) % 27 === 13;
}

describe('a sink that', () => {
  it('throws over one value among many: that one becomes a dead letter, and the others are delivered', async () => {
    const rig = new DispatchRig({ sink: new FakeSink('raw') });
    rig.sink.behaviour.metrics = ({ items }) => {
      if (items.some(({ device }) => device === 'poison')) throw new TypeError('cannot read properties of undefined');
      return accepted;
    };
    rig.dispatcher.start();
    for (let i = 0; i < 20; i++) rig.store(2, i === 7 ? 'poison' : `d${i}`);
    await rig.machine.advance(2 * MINUTE);
    expect(rig.queue.ledger).toMatchObject({ delivered: 19, deadLettered: 1, pending: 0 });
    expect(rig.queue.deadLetters).toMatchObject([
      { device: 'poison', reason: expect.stringContaining('cannot read') as string },
    ]);
    expect(rig.mistakes).toEqual([expect.stringContaining('TypeError') as string]);
    await rig.stop();
  });

  it('throws over everything: nothing is thrown away, and the status says so', async () => {
    const rig = new DispatchRig();
    rig.sink.behaviour.metrics = () => {
      throw new TypeError('cannot read properties of undefined');
    };
    rig.dispatcher.start();
    rig.store(2, 'a');
    rig.store(2, 'b');
    await rig.machine.advance(5 * MINUTE);
    expect(rig.queue.ledger).toMatchObject({ delivered: 0, deadLettered: 0, pending: 2 });
    expect(rig.dispatcher.problems()).toMatchObject([{ code: 'sink.blocked' }]);
    rig.sink.behaviour.metrics = () => accepted;
    await rig.machine.advance(5 * MINUTE);
    expect(rig.queue.ledger).toMatchObject({ delivered: 2, pending: 0 });
    await rig.stop();
  });
});
