import { describe, expect, it } from 'vitest';
import type { Decoded, Profile } from '../../../src/devices/profile.ts';
import { intakeBench } from '../../support/intake-bench.ts';

/** A device that tells each value on a topic of its own: the topic is the quantity. */
const SCALARS: Profile = {
  name: 'scalars',
  takesText: true,
  decode: (payload, { topic, device }): Decoded => ({
    kind: 'readings',
    readings: [{ device, serial: null, deviceTime: null, quantities: [topic], values: [Number(payload)], part: true }],
    refusedFields: [],
  }),
};

describe('values that come one by one', () => {
  it('become one reading of what came together, at the time of the newest, and every message is used', async () => {
    const { inlet, payload, queue, intake, machineClock } = intakeBench();
    const meter = inlet({ profile: SCALARS });
    void meter.accept(payload('230', { topic: 'voltage' }));
    const first = machineClock.wallMs();
    await machineClock.advance(400);
    void meter.accept(payload('1500', { topic: 'power' }));
    await intake.flush();
    const [append] = queue.committed;
    expect(append?.readings.shapes).toEqual([['voltage', 'power']]);
    expect([...(append?.readings.values ?? [])]).toEqual([230, 1500]);
    expect([...(append?.readings.at ?? [])]).toEqual([first + 400]);
    expect([...(append?.message ?? [])]).toEqual([0]);
    expect(append?.counts).toMatchObject([{ merged: 1 }]);
  });

  it('begin the next reading where a quantity comes again: no value is given up for a newer one', async () => {
    const { inlet, payload, queue, intake } = intakeBench();
    const meter = inlet({ profile: SCALARS });
    for (const [topic, value] of [
      ['power', '1'],
      ['power', '2'],
      ['voltage', '230'],
      ['power', '3'],
    ] as const)
      void meter.accept(payload(value, { topic }));
    await intake.flush();
    const [append] = queue.committed;
    expect([...(append?.readings.values ?? [])]).toEqual([1, 2, 230, 3]);
    expect([...(append?.readings.first ?? [])]).toEqual([0, 1, 3, 4]);
    expect([...(append?.message ?? [])]).toEqual([0, 1, 3]);
    expect(append?.counts).toMatchObject([{ merged: 1 }]);
  });

  it('are not mixed between devices or sources, nor with what waited at the broker', async () => {
    const { inlet, payload, queue, intake } = intakeBench();
    const [one, other] = [inlet({ profile: SCALARS }), inlet({ name: 'other', profile: SCALARS })];
    void one.accept(payload('1', { topic: 'a' }));
    void other.accept(payload('2', { topic: 'b' }));
    void one.accept(payload('3', { topic: 'c', waited: true }));
    void one.accept(payload('4', { topic: 'd' }));
    await intake.flush();
    const [append] = queue.committed;
    expect(append?.readings.length).toBe(3);
    expect([...(append?.readings.values ?? [])]).toEqual([1, 4, 2, 3]);
    expect([...(append?.timeUnknown ?? [])]).toEqual([0, 0, 1]);
  });

  it('are ignored where the broker keeps them as state', async () => {
    const { inlet, payload, queue, intake } = intakeBench();
    void inlet({ profile: SCALARS }).accept(payload('1', { topic: 'a', retained: true }));
    await intake.flush();
    expect(queue.totals).toMatchObject({ used: 0, ignored: 1 });
  });
});
