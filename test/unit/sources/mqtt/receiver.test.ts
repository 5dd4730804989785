import { describe, expect, it, vi } from 'vitest';
import { AckQueue } from '../../../../src/sources/mqtt/ack-queue.ts';
import type { Connection } from '../../../../src/sources/mqtt/connection.ts';
import { DeliveryQuality } from '../../../../src/sources/mqtt/delivery-quality.ts';
import { Receiver } from '../../../../src/sources/mqtt/receiver.ts';
import { WaitedDetector } from '../../../../src/sources/mqtt/waited.ts';
import { InFlight } from '../../../../src/sources/in-flight.ts';
import { systemClock } from '../../../../src/platform/clock.ts';
import { silentLog } from '../../../support/silent-log.ts';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A receiver before an inlet that answers the n-th message with `stored(n)`. */
function scene(stored: (n: number) => Promise<void>) {
  const acknowledged: number[] = [];
  const acks = new AckQueue((bytes) => {
    for (let at = 2; at < bytes.length; at += 4) acknowledged.push(Buffer.from(bytes).readUInt16BE(at));
  });
  const fail = vi.fn();
  const inFlight = new InFlight();
  let taken = 0;
  const accept = (): Promise<void> => stored(taken++);
  const receiver = new Receiver({
    connection: { acks, fail, unsubscribe: () => undefined } as unknown as Connection,
    inlet: { accept, refuse: accept, drop: () => undefined },
    waited: new WaitedDetector({ clock: systemClock, topic: 'm', payload: Buffer.from('m'), sessionPresent: false }),
    inFlight,
    quality: new DeliveryQuality(),
    markerTopic: 'marker',
    matches: () => true,
    maxPayloadBytes: 100,
    clock: systemClock,
    log: silentLog,
  });
  const deliver = (messageId: number, qos: 0 | 1 = 1): void =>
    receiver.receive(
      {
        topic: 'a',
        bytes: Buffer.from('{}'),
        retained: false,
        qos,
        ack: qos === 0 ? null : acks.expect(messageId, qos),
      },
      () => undefined,
    );
  return { acknowledged, fail, inFlight, deliver };
}

describe('Messages of a connection', () => {
  it('that are stored together wait with one callback, and are all acknowledged and let go', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const then = vi.spyOn(promise, 'then');
    const { acknowledged, inFlight, deliver } = scene(() => promise);
    for (let id = 1; id <= 200; id++) deliver(id);
    expect(then).toHaveBeenCalledTimes(1);
    expect(inFlight.messages).toBe(200);
    await turn();
    expect(acknowledged).toEqual([]);
    resolve();
    await turn();
    expect(acknowledged).toEqual(Array.from({ length: 200 }, (_, i) => i + 1));
    expect(inFlight.messages).toBe(0);
  });

  it('are acknowledged in the order they came, whichever group is stored first', async () => {
    const groups = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const { acknowledged, deliver } = scene((n) => groups[n % 2]?.promise ?? Promise.reject(new Error('none')));
    for (let id = 1; id <= 6; id++) deliver(id);
    groups[1]?.resolve();
    await turn();
    expect(acknowledged).toEqual([]);
    groups[0]?.resolve();
    await turn();
    expect(acknowledged).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('are acknowledged where the promise they were given is an old one', async () => {
    const stored = Promise.resolve();
    const { acknowledged, inFlight, deliver } = scene(() => stored);
    deliver(1);
    await turn();
    deliver(2);
    await turn();
    expect(acknowledged).toEqual([1, 2]);
    expect(inFlight.messages).toBe(0);
  });

  it('that could not be stored are let go unacknowledged, and the connection ends', async () => {
    const { promise, reject } = Promise.withResolvers<void>();
    const { acknowledged, fail, inFlight, deliver } = scene(() => promise);
    for (let id = 1; id <= 3; id++) deliver(id);
    reject(new Error('the disk is full'));
    await turn();
    expect(fail).toHaveBeenCalledExactlyOnceWith(
      expect.objectContaining({ cause: 'storage', detail: 'The queue cannot take messages: the disk is full.' }),
    );
    expect(acknowledged).toEqual([]);
    expect(inFlight.messages).toBe(0);
  });
});
