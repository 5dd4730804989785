import { describe, expect, it } from 'vitest';
import { HOUR } from '../../../src/model/time.ts';
import type { Inlet } from '../../../src/sources/source.ts';
import { intakeBench, NOW, watch } from '../../support/intake-bench.ts';
import { settled } from '../../support/stepped-clock.ts';

const READING = '{"1.7.0":501,"saldo":-6}';

describe('the intake', () => {
  it('stores a reading with its device, serial, times and values, and then resolves', async () => {
    const { inlet, payload, queue, intake, appended } = intakeBench();
    queue.hold();
    const time = NOW / 1000 - 3;
    const stored = watch(
      inlet().accept(payload(`{"1.7.0":501,"saldo":-6,"time":${time},"serialnumber":"S1"}`, { receivedMono: 999_500 })),
    );
    void intake.flush();
    await settled();
    expect(stored.state).toBe('pending');
    expect(queue.inFlight).toMatchObject({
      readings: {
        length: 1,
        origins: [{ source: 'meter', device: 'grid-meter', serial: 'S1' }],
        shapes: [['power.active.import', 'power.active.saldo']],
        at: Float64Array.of(NOW - 3_000),
        values: Float64Array.of(501, -6),
      },
      receivedAt: Float64Array.of(NOW - 500),
      mono: Float64Array.of(999_500),
      deviceTime: Float64Array.of(NOW - 3_000),
      timeUnknown: Uint8Array.of(0),
      onlyDeviceTime: Uint8Array.of(0),
      message: Uint32Array.of(0),
      counts: [],
    });
    queue.release();
    await settled();
    expect(stored.state).toBe('resolved');
    expect(appended).toEqual([2]);
  });

  it('acknowledges what is refused or ignored once its count is stored, and keeps the last refusal', async () => {
    const { inlet, payload, queue, intake } = intakeBench();
    queue.hold();
    const meter = inlet();
    const promises = [
      payload(READING),
      payload('{"1.8.0":null,"1.7.0":5}'),
      payload('online', { topic: 'amis/data/status', retained: true }),
      payload(''),
      payload('{}'),
      payload('{"1.7.0":', { topic: 'amis/\ndata' }),
      payload(READING, { retained: true }),
    ].map((each) => watch(meter.accept(each)));
    void intake.flush();
    await settled();
    expect(promises.map(({ state }) => state)).not.toContain('resolved');
    queue.release();
    await settled();
    expect(promises.map(({ state }) => state)).toEqual(promises.map(() => 'resolved'));
    expect(queue.totals).toEqual({ used: 2, refused: 2, ignored: 3, refusedFields: 1, values: 3 });
    expect(queue.committed[0]?.counts).toEqual([
      {
        source: 'meter',
        refused: 2,
        ignored: 3,
        refusedFields: 1,
        lastRefusal: { at: NOW, topic: 'amis/ data', reason: 'not valid JSON' },
      },
    ]);
  });

  it('counts per source', async () => {
    const { inlet, payload, queue, intake } = intakeBench();
    void inlet({ name: 'a' }).accept(payload('{}'));
    void inlet({ name: 'b' }).accept(payload('online'));
    await intake.flush();
    expect(queue.committed[0]?.counts).toMatchObject([
      { source: 'a', refused: 1, ignored: 0, lastRefusal: { reason: 'no known field' } },
      { source: 'b', refused: 0, ignored: 1, lastRefusal: null },
    ]);
  });

  it('counts what a source refuses unread, and has it acknowledged only then', async () => {
    const { inlet, payload, queue, intake } = intakeBench();
    queue.hold();
    const refused = watch(inlet().refuse(payload(READING, { topic: 'old/topic' }), 'no longer configured'));
    void intake.flush();
    await settled();
    expect(refused.state).toBe('pending');
    queue.release();
    await settled();
    expect(refused.state).toBe('resolved');
    expect(queue.totals).toMatchObject({ used: 0, refused: 1, values: 0 });
    expect(queue.committed[0]?.counts).toMatchObject([
      { lastRefusal: { topic: 'old/topic', reason: 'no longer configured' } },
    ]);
  });

  it('counts messages a source had to throw away as refused, within linger', async () => {
    const { inlet, queue, machineClock } = intakeBench();
    const meter = inlet();
    for (let i = 0; i < 1_000; i++) meter.drop('amis/data', 'too many at once');
    await machineClock.advance(999);
    expect(queue.asked).toBe(0);
    await machineClock.advance(1);
    expect(queue.committed[0]?.counts).toMatchObject([
      { refused: 1_000, lastRefusal: { topic: 'amis/data', reason: 'too many at once' } },
    ]);
  });

  it('names a device by its topic and refuses a topic that has no such level', async () => {
    const { inlet, payload, queue, intake } = intakeBench();
    const meters = inlet({ device: '{2}' });
    void meters.accept(payload(READING, { topic: 'meters/house/data' }));
    void meters.accept(payload(READING, { topic: 'meters/barn/data' }));
    void meters.accept(payload(READING, { topic: 'meters' }));
    await intake.flush();
    expect(queue.committed[0]?.readings.origins.map(({ device }) => device)).toEqual(['house', 'barn']);
    expect(queue.committed[0]?.counts).toMatchObject([
      { refused: 1, lastRefusal: { topic: 'meters', reason: 'the topic gives no name for the device {2}' } },
    ]);
  });

  it('counts the fields of a device whose name nothing is left of, and keeps what others say in the same message', async () => {
    const { inlet, payload, queue, intake } = intakeBench();
    const one = { serial: null, deviceTime: null, quantities: ['a.power', 'b.power'], values: [1, 2], part: false };
    const readings = [
      { ...one, device: '\u0007' },
      { ...one, device: 'plug' },
    ];
    const profile = {
      name: 'two',
      takesText: false,
      decode: () => ({ kind: 'readings' as const, readings, refusedFields: [] }),
    };
    void inlet({ profile }).accept(payload(READING));
    await intake.flush();
    expect(queue.committed[0]?.readings.origins.map(({ device }) => device)).toEqual(['plug']);
    expect(queue.committed[0]?.counts).toMatchObject([{ refused: 0, refusedFields: 2 }]);
  });

  it('refuses a payload its profile fails on, instead of having it come again for ever', async () => {
    const { inlet, payload, queue, intake, log } = intakeBench();
    const profile = {
      name: 'broken',
      takesText: false,
      decode: () => {
        throw new Error('a bug');
      },
    };
    const stored = watch(inlet({ profile }).accept(payload(READING)));
    await intake.flush();
    expect(stored.state).toBe('resolved');
    expect(queue.totals).toMatchObject({ used: 0, refused: 1 });
    expect(log.lines).toEqual(['error a profile failed on a payload']);
  });
});

describe('the time of readings', () => {
  it('is unknown for a message that waited at the broker and has none of its own', async () => {
    const { inlet, payload, queue, intake } = intakeBench();
    const meter = inlet();
    void meter.accept(payload(READING, { waited: true }));
    void meter.accept(payload(`{"1.7.0":1,"time":${NOW / 1000 - 60}}`, { waited: true }));
    await intake.flush();
    expect(queue.committed[0]).toMatchObject({
      timeUnknown: Uint8Array.of(1, 0),
      deviceTime: Float64Array.of(Number.NaN, NOW - 60_000),
      readings: { at: Float64Array.of(NOW, NOW - 60_000) },
    });
  });

  it('follows a clock that was confirmed while the message was gathered', async () => {
    const { inlet, payload, queue, intake, clock } = intakeBench();
    clock.state = 'unconfirmed';
    void inlet().accept(payload(READING));
    clock.confirm(HOUR);
    await intake.flush();
    expect(queue.committed[0]).toMatchObject({
      receivedAt: Float64Array.of(NOW + HOUR),
      readings: { at: Float64Array.of(NOW + HOUR) },
    });
  });

  it('is left to the device, while the clock is not confirmed, where only the device can know it', async () => {
    const { inlet, payload, queue, intake, clock } = intakeBench();
    clock.state = 'unconfirmed';
    const meter = inlet();
    const tomorrow = NOW / 1000 + 86_400;
    void meter.accept(payload(`{"1.7.0":1,"time":${tomorrow}}`, { waited: true }));
    void meter.accept(payload(`{"1.7.0":2,"time":${tomorrow}}`, { retained: true }));
    void meter.accept(payload(`{"1.7.0":3,"time":${tomorrow}}`));
    void meter.accept(payload(READING, { retained: true }));
    await intake.flush();
    expect(queue.committed[0]).toMatchObject({
      onlyDeviceTime: Uint8Array.of(1, 1, 0),
      timeUnknown: Uint8Array.of(0, 0, 0),
      readings: { at: Float64Array.of(NOW, NOW, NOW) },
    });
    expect(queue.totals.ignored).toBe(1);
  });

  it('shows a meter whose clock is steadily off, once our own is confirmed', async () => {
    const { inlet, payload, intake, clock } = intakeBench();
    const meter = inlet();
    const ahead = `{"1.7.0":1,"time":${NOW / 1000 + 3600}}`;
    clock.state = 'unconfirmed';
    for (let i = 0; i < 5; i++) void meter.accept(payload(ahead));
    await intake.flush();
    expect(intake.problems('meter')).toEqual([]);
    clock.confirm(0);
    for (let i = 0; i < 5; i++) void meter.accept(payload(ahead, { waited: true }));
    await intake.flush();
    expect(intake.problems('meter')).toEqual([]);
    for (let i = 0; i < 5; i++) void meter.accept(payload(ahead));
    await intake.flush();
    expect(intake.problems('meter')).toMatchObject([{ code: 'source.clock' }]);
    expect(intake.problems('other')).toEqual([]);
  });
});

describe('group commit', () => {
  it('commits a lone message at linger', async () => {
    const { inlet, payload, queue, machineClock } = intakeBench();
    const stored = watch(inlet().accept(payload(READING)));
    await machineClock.advance(999);
    expect(queue.asked).toBe(0);
    await machineClock.advance(1);
    await settled();
    expect(queue.asked).toBe(1);
    expect(stored.state).toBe('resolved');
    expect(machineClock.sleeping).toBe(0);
  });

  it('commits at half the window without waiting', async () => {
    const { inlet, payload, queue } = intakeBench();
    const meter = inlet({ window: () => 20 });
    fill(meter, payload(READING), 9);
    await settled();
    expect(queue.asked).toBe(0);
    fill(meter, payload(READING), 1);
    expect(queue.asked).toBe(1);
    await settled();
    expect(queue.totals.used).toBe(10);
  });

  it('never has two appends in flight, and what gathered meanwhile goes next at once if it is enough', async () => {
    const { inlet, payload, queue, machineClock } = intakeBench();
    queue.hold();
    const meter = inlet({ window: () => 20 });
    fill(meter, payload(READING), 10);
    fill(meter, payload(READING), 25);
    await machineClock.advance(5_000);
    expect(queue.asked).toBe(1);
    queue.release();
    await settled();
    expect(queue.asked).toBe(2);
    expect(queue.inFlight?.readings.length).toBe(25);
    queue.release();
    await settled();
    expect(queue.totals.used).toBe(35);
  });

  it('tells of what was stored at once, and ten times a second while append follows append', async () => {
    const { inlet, payload, queue, machineClock, appended } = intakeBench();
    queue.hold();
    const meter = inlet({ window: () => 2 });
    void meter.accept(payload(READING));
    // Behind each append the next one is already due; an append takes 30 ms.
    for (let n = 0; n < 8; n++) {
      void meter.accept(payload(READING));
      await machineClock.advance(30);
      queue.release();
      await settled();
    }
    expect(queue.committed.length).toBe(8);
    expect(appended).toEqual([2, 8]);
    queue.release();
    await settled();
    expect(appended).toEqual([2, 8, 8]);
    expect(queue.totals.values).toBe(18);
  });

  it('lets what gathered meanwhile linger if it is not enough', async () => {
    const { inlet, payload, queue, machineClock } = intakeBench();
    queue.hold();
    const meter = inlet({ window: () => 20 });
    fill(meter, payload(READING), 10);
    await machineClock.advance(100);
    fill(meter, payload(READING), 1);
    await machineClock.advance(300);
    queue.release();
    await machineClock.advance(699);
    expect(queue.asked).toBe(1);
    await machineClock.advance(1);
    expect(queue.asked).toBe(2);
    queue.release();
    await settled();
  });

  it('commits after 25 ms of quiet only when a broker twice waited for us', async () => {
    const { inlet, payload, queue, machineClock } = intakeBench();
    const meter = inlet();
    const waits: number[] = [];
    for (let i = 0; i < 5; i++) {
      await machineClock.advance(5);
      fill(meter, payload(READING), 20);
      const before = queue.asked;
      let ms = 0;
      while (queue.asked === before && ms < 2_000) {
        await machineClock.advance(1);
        await settled();
        ms++;
      }
      waits.push(ms);
    }
    expect(waits).toEqual([1_000, 1_000, 25, 25, 25]);
  });

  it('bounds a group where no window does', async () => {
    const { inlet, payload, queue } = intakeBench();
    fill(inlet({ window: () => null }), payload(READING, { qos: 0 }), 512);
    expect(queue.asked).toBe(1);
    await settled();
    expect(queue.totals.used).toBe(512);
  });

  it('commits several sources together', async () => {
    const { inlet, payload, queue } = intakeBench();
    fill(inlet({ name: 'poll', window: () => null }), payload(READING, { qos: 0 }), 1);
    fill(inlet({ name: 'meter', window: () => 2 }), payload(READING), 1);
    await settled();
    expect(queue.asked).toBe(1);
    expect(queue.committed[0]?.readings.origins.map(({ source }) => source)).toEqual(['poll', 'meter']);
  });

  it('flushes at once when asked, also what is behind an append in flight', async () => {
    const { inlet, payload, queue, intake } = intakeBench();
    queue.hold();
    const meter = inlet();
    void meter.accept(payload(READING));
    const first = watch(intake.flush());
    void meter.accept(payload(READING));
    const second = watch(intake.flush());
    await settled();
    queue.release();
    await settled();
    expect([first.state, second.state]).toEqual(['resolved', 'pending']);
    queue.release();
    await settled();
    expect(second.state).toBe('resolved');
    expect(queue.totals.used).toBe(2);
  });

  it('appends nothing when there is nothing', async () => {
    const { queue, intake, machineClock } = intakeBench();
    await intake.flush();
    await machineClock.advance(60_000);
    expect(queue.asked).toBe(0);
  });
});

describe('stopping', () => {
  it('commits what is gathered, takes nothing more and leaves no timer', async () => {
    const { inlet, payload, queue, intake, machineClock } = intakeBench();
    const meter = inlet();
    const stored = watch(meter.accept(payload(READING)));
    await intake.stop();
    expect(stored.state).toBe('resolved');
    await expect(meter.accept(payload(READING))).rejects.toThrow('the intake has stopped');
    expect(queue.totals.used).toBe(1);
    expect(machineClock.sleeping).toBe(0);
  });

  it('ends although the queue refuses, and rejects what could not be stored', async () => {
    const { inlet, payload, queue, intake, machineClock } = intakeBench();
    const meter = inlet();
    queue.refuseWith(new Error('the queue is closed'));
    const stored = [watch(meter.accept(payload(READING))), watch(meter.accept(payload(READING, { qos: 0 })))];
    await intake.stop();
    await settled();
    expect(stored.map(({ state }) => state)).toEqual(['rejected', 'rejected']);
    expect(machineClock.sleeping).toBe(0);
  });
});

describe('a rejected append', () => {
  it('acknowledges nothing and counts nothing: the broker brings the messages again', async () => {
    const { inlet, payload, queue, intake, appended } = intakeBench();
    const meter = inlet();
    queue.refuseWith(new Error('disk full'));
    const first = ['{"1.7.0":1}', '{}', 'online'].map((text) => watch(meter.accept(payload(text))));
    await intake.flush();
    await settled();
    expect(first.map(({ state }) => state)).toEqual(['rejected', 'rejected', 'rejected']);
    expect(appended).toEqual([]);
    expect(intake.failure).toBe('disk full');
    queue.refuseWith(null);
    const again = ['{"1.7.0":1}', '{}', 'online'].map((text) => watch(meter.accept(payload(text))));
    await intake.flush();
    await settled();
    expect(again.map(({ state }) => state)).toEqual(['resolved', 'resolved', 'resolved']);
    expect(queue.totals).toEqual({ used: 1, refused: 1, ignored: 1, refusedFields: 0, values: 1 });
    expect(intake.failure).toBeNull();
  });

  it('keeps what nobody brings again, and stores it once before what came later', async () => {
    const { inlet, payload, queue, intake } = intakeBench();
    const meter = inlet();
    queue.refuseWith(new Error('disk full'));
    const polled = watch(meter.accept(payload('{"1.7.0":1}', { qos: 0 })));
    const refused = watch(meter.accept(payload('{}', { qos: 0 })));
    meter.drop('amis/data', 'too many at once');
    await intake.flush();
    await settled();
    expect([polled.state, refused.state]).toEqual(['pending', 'pending']);
    queue.refuseWith(null);
    meter.drop('amis/data', 'too many at once');
    void meter.accept(payload('{"1.7.0":2}', { qos: 0 }));
    await intake.flush();
    await settled();
    expect([polled.state, refused.state]).toEqual(['resolved', 'resolved']);
    expect([...(queue.committed[0]?.readings.values ?? [])]).toEqual([1, 2]);
    expect(queue.totals).toMatchObject({ used: 2, refused: 3 });
  });

  it('is tried again after 1, 2, 4, 8 and then every 10 s, and says so once', async () => {
    const { inlet, payload, queue, machineClock, log } = intakeBench();
    const meter = inlet();
    queue.refuseWith(new Error('disk full'));
    void meter.accept(payload(READING, { qos: 0 }));
    const attempts: number[] = [];
    for (let seconds = 0; seconds <= 45; seconds++) {
      attempts.push(queue.asked);
      await machineClock.advance(1_000);
      await settled();
    }
    const at = attempts.flatMap((asked, second) => (asked > (attempts[second - 1] ?? 0) ? [second] : []));
    expect(at).toEqual([1, 2, 4, 8, 16, 26, 36]);
    expect(log.lines).toEqual(['warn readings cannot be stored; nothing is acknowledged until they can']);
    queue.refuseWith(null);
    await machineClock.advance(10_000);
    await settled();
    expect(queue.totals.used).toBe(1);
    expect(log.lines).toHaveLength(2);
  });

  it('does not spin however many messages come', async () => {
    const { inlet, payload, queue, machineClock } = intakeBench();
    const meter = inlet({ window: () => 2 });
    queue.refuseWith(new Error('disk full'));
    for (let i = 0; i < 200; i++) {
      meter.accept(payload(READING)).catch(() => undefined);
      await machineClock.advance(10);
    }
    expect(queue.asked).toBeLessThanOrEqual(3);
  });
});

function fill(inlet: Inlet, payload: Parameters<Inlet['accept']>[0], messages: number): void {
  for (let i = 0; i < messages; i++) void inlet.accept(payload);
}
