/** A backlog's next batch is claimed while one is sent: what must hold all the same. */
import { describe, expect, it } from 'vitest';
import type { Outcome } from '../../src/model/outcome.ts';
import type { Claim, ClaimRequest, Settlement } from '../../src/queue/queue.ts';
import { MINUTE, SECOND } from '../../src/model/time.ts';
import { DispatchRig } from '../support/dispatch-rig.ts';
import { FakeQueue } from '../support/fake-queue.ts';
import { accepted, busy, FakeSink } from '../support/fake-sink.ts';
import { settled } from '../support/stepped-clock.ts';

/** Tells what is asked of it in which order, and how many claims were open at most. */
class WatchedQueue extends FakeQueue {
  readonly calls: string[] = [];
  mostOpen = 0;
  /** What a commit waits for. */
  disk: Promise<void> = Promise.resolve();

  override async claim(request: ClaimRequest): Promise<Claim | null> {
    const claim = await super.claim(request);
    this.mostOpen = Math.max(this.mostOpen, this.openClaims);
    if (claim !== null) this.calls.push(request.behind === undefined ? 'claim' : 'claim behind');
    return claim;
  }

  override settle(settlement: Settlement): Promise<void> {
    this.calls.push('settle');
    return super.settle(settlement);
  }

  override release(claim: number): Promise<void> {
    this.calls.push('release');
    return super.release(claim);
  }

  override async commitSettled(): Promise<void> {
    await this.disk;
    this.calls.push('commit');
    await super.commitSettled();
  }
}

/** Three batches of four requests of two lines. */
function backlog(minutesAgo = 20): { readonly rig: DispatchRig; readonly queue: WatchedQueue } {
  const sink = new FakeSink('minute', 2);
  const queue = new WatchedQueue(sink.routes);
  const rig = new DispatchRig({ sink, queue });
  sink.behaviour.metrics = ({ items }) => {
    if (items.length > 0) queue.calls.push('send');
    return accepted;
  };
  for (let i = 0; i < 24; i++) rig.store(minutesAgo, `d${i}`);
  return { rig, queue };
}

const FOUR = ['send', 'send', 'send', 'send'];

describe('a backlog of more than one batch', () => {
  it('is claimed one batch ahead, in order, and each settle is committed before the next batch is begun', async () => {
    const { rig, queue } = backlog();
    rig.dispatcher.start();
    await rig.machine.advance(SECOND);
    expect(queue.calls).toEqual([
      'claim',
      'claim behind',
      ...FOUR,
      'settle',
      'commit',
      'claim behind',
      ...FOUR,
      'settle',
      'commit',
      ...FOUR,
      'settle',
    ]);
    expect(rig.sink.sent().map(({ device }) => device)).toEqual(Array.from({ length: 24 }, (_, i) => `d${i}`));
    expect(queue.mostOpen).toBe(2);
    expect(queue.ledger).toMatchObject({ delivered: 24, pending: 0 });
    await rig.stop();
  });

  it('sends nothing of the next batch while the commit of the last one takes its time', async () => {
    const { rig, queue } = backlog();
    const slow = Promise.withResolvers<void>();
    queue.disk = slow.promise;
    rig.dispatcher.start();
    await rig.machine.advance(SECOND);
    expect(rig.sink.withReadings()).toHaveLength(4);
    slow.resolve();
    await rig.machine.advance(SECOND);
    expect(rig.sink.withReadings()).toHaveLength(12);
    await rig.stop();
  });

  it('gives both batches back when a commit fails, and goes on without sending anything twice', async () => {
    const { rig, queue } = backlog();
    queue.commitErrors.push(new Error('database or disk is full'));
    rig.dispatcher.start();
    await rig.machine.advance(SECOND);
    expect(rig.sink.withReadings()).toHaveLength(4);
    expect(queue.openClaims).toBe(0);
    expect(rig.mistakes).toHaveLength(1);
    await rig.machine.advance(10 * SECOND);
    expect(rig.sink.sent()).toHaveLength(24);
    expect(queue.ledger).toMatchObject({ delivered: 24, pending: 0 });
    await rig.stop();
  });

  it('gives the next batch back when one ends before it is through, and begins where that one ended', async () => {
    const { rig, queue } = backlog();
    let requests = 0;
    rig.sink.behaviour.metrics = async ({ items }) => {
      const fails = items.length > 0 && ++requests === 3;
      // No two of them end at the same moment.
      await rig.machine.sleep(10 + requests);
      return fails ? busy() : accepted;
    };
    rig.dispatcher.start();
    await rig.machine.advance(100);
    expect(rig.sink.withReadings()).toHaveLength(4);
    expect(queue.openClaims).toBe(0);
    expect(queue.ledger).toMatchObject({ delivered: 4, pending: 20 });
    await rig.machine.advance(5 * MINUTE);
    expect(queue.ledger).toMatchObject({ delivered: 24, pending: 0 });
    // Only what was answered with a retry, and what was on its way behind it, was sent twice.
    expect(rig.sink.sent()).toHaveLength(28);
    await rig.stop();
  });

  it('gives the next batch back when one was not settled whole, also where others may send again by then', async () => {
    const { rig, queue } = backlog();
    const answers = Array.from({ length: 4 }, () => Promise.withResolvers<Outcome>());
    let requests = 0;
    rig.sink.behaviour.metrics = ({ items }) =>
      items.some(({ device }) => device.startsWith('d')) ? (answers[requests++]?.promise ?? accepted) : accepted;
    rig.dispatcher.start();
    await rig.machine.advance(100);
    answers[0]?.resolve(accepted);
    await settled();
    answers[1]?.resolve(accepted);
    await settled();
    expect(requests).toBe(4);
    answers[2]?.resolve(busy());
    await settled();
    rig.store(2, 'fresh');
    await rig.machine.advance(10 * SECOND);
    expect(rig.sink.sent().at(-1)?.device).toBe('fresh');
    queue.calls.length = 0;
    answers[3]?.resolve(accepted);
    await settled();
    expect(queue.calls.slice(0, 4)).toEqual(['settle', 'release', 'claim', 'claim behind']);
    await rig.machine.advance(SECOND);
    expect(queue.ledger).toMatchObject({ delivered: 25, pending: 0 });
    await rig.stop();
  });

  it('looks again at what is due when a minute has passed', async () => {
    const { rig, queue } = backlog();
    const slow = Promise.withResolvers<void>();
    let requests = 0;
    rig.sink.behaviour.metrics = async ({ items }) => {
      if (items.length > 0 && ++requests === 4) await slow.promise;
      return accepted;
    };
    rig.dispatcher.start();
    await rig.machine.advance(2 * MINUTE);
    queue.calls.length = 0;
    slow.resolve();
    await rig.machine.advance(SECOND);
    expect(queue.calls.slice(0, 5)).toEqual(['settle', 'commit', 'release', 'claim', 'claim behind']);
    await rig.machine.advance(SECOND);
    expect(queue.ledger).toMatchObject({ delivered: 24, pending: 0 });
    await rig.stop();
  });

  it('leaves no batch open when the gateway stops', async () => {
    const { rig, queue } = backlog();
    const slow = Promise.withResolvers<void>();
    rig.sink.behaviour.metrics = async ({ items }) => {
      if (items.length > 0) await slow.promise;
      return accepted;
    };
    rig.dispatcher.start();
    await rig.machine.advance(SECOND);
    expect(queue.openClaims).toBe(2);
    const stopping = rig.stop();
    slow.resolve();
    await settled();
    await stopping;
    expect(queue.openClaims).toBe(0);
    expect(queue.ledger).toMatchObject({ delivered: 2, pending: 22 });
  });
});

it('fresh values are never claimed ahead: what is the freshest by then goes next', async () => {
  const { rig, queue } = backlog(2);
  rig.dispatcher.start();
  await rig.machine.advance(SECOND);
  expect(queue.ledger).toMatchObject({ delivered: 24, pending: 0 });
  expect(queue.claimed.filter(({ behind }) => behind !== undefined)).toEqual([]);
  await rig.stop();
});
