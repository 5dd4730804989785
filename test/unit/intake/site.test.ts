import { describe, expect, it } from 'vitest';
import type { Append } from '../../../src/queue/queue.ts';
import { intakeBench, NOW } from '../../support/intake-bench.ts';
import { profileOf } from '../../support/payload-profile.ts';
import { FED_IN, SITE } from '../../support/site.ts';

const PV = profileOf('- { fields: { pv.power: { path: p } } }');

/** Each reading as `device: values`, with the message it belongs to. */
function listOf(append: Append | undefined): string[] {
  const { readings, message } = append ?? {};
  return Array.from({ length: readings?.length ?? 0 }, (_, i) => {
    const device = readings?.origins[readings.origin[i] ?? 0]?.device;
    const values = readings?.values.slice(readings.first[i], readings.first[i + 1]);
    return `${message?.[i]} ${device}: ${values?.join(' ')}`;
  });
}

function bench() {
  const made = intakeBench({ site: SITE });
  const inlets = { meter: made.inlet(), roof: made.inlet({ name: 'inverter', profile: PV, device: 'roof' }) };
  return { ...made, ...inlets };
}

describe('the site', () => {
  it('has a reading beside each one of the grid, in its message, from its source and at its time', async () => {
    const { meter, roof, payload, queue, intake } = bench();
    void roof.accept(payload('{"p":5000}'));
    void meter.accept(payload(`{"1.7.0":0,"2.7.0":2000,"serialnumber":"S1","time":${NOW / 1000 - 5}}`));
    void roof.accept(payload('{"p":6000}'));
    void meter.accept(payload('{"1.8.0":1}'));
    await intake.flush();
    const [append] = queue.committed;
    expect(listOf(append)).toEqual([
      '0 roof: 5000',
      '1 grid-meter: 0 2000',
      '1 site: 2000 3000 100 60',
      '2 roof: 6000',
      '3 grid-meter: 1',
    ]);
    expect([...(append?.derived ?? [])]).toEqual([0, 0, 1, 0, 0]);
    expect(append?.readings.origins).toContainEqual({ device: 'site', serial: null, source: 'meter' });
    expect(append?.readings.at[2]).toBe(NOW - 5_000);
    expect(append?.deviceTime[2]).toBe(NOW - 5_000);
    expect(append?.counts).toEqual([]);
    expect(queue.totals).toMatchObject({ used: 4, values: 9 });
  });

  it('takes no value that is older than it may be by the monotonic clock', async () => {
    const { meter, roof, payload, queue, intake, machineClock } = bench();
    void roof.accept(payload('{"p":5000}'));
    await machineClock.advance(30_000);
    void meter.accept(payload(FED_IN));
    await machineClock.advance(1);
    void meter.accept(payload(FED_IN));
    await intake.flush();
    expect(queue.committed.flatMap(listOf).filter((text) => text.includes('site'))).toEqual([
      '0 site: 2000 3000 100 60',
      '1 site: 2000',
    ]);
  });

  it('does not take what the broker kept or what waited there for what is now', async () => {
    const { meter, roof, payload, queue, intake } = bench();
    const hourAgo = NOW / 1000 - 3600;
    void roof.accept(payload('{"p":5000}', { waited: true }));
    void roof.accept(payload('{"p":5000}', { retained: true }));
    void meter.accept(payload(FED_IN));
    void meter.accept(payload(FED_IN, { waited: true }));
    void meter.accept(payload(`{"1.7.0":0,"2.7.0":1,"time":${hourAgo}}`, { waited: true }));
    void meter.accept(payload(`{"1.7.0":0,"2.7.0":1,"time":${hourAgo}}`));
    await intake.flush();
    expect(listOf(queue.committed[0]).filter((text) => text.includes('site'))).toEqual(['2 site: 2000']);
  });

  it('is derived from what was gathered of a device that tells its values one by one', async () => {
    const scalars = profileOf(`
- { topic: grid, device: grid-meter, value: { quantity: grid.power } }
- { topic: pv, device: grid-meter, value: { quantity: pv.power } }`);
    const { inlet, payload, queue, intake } = intakeBench({ site: { ...SITE, pv: ['grid-meter'] } });
    const house = inlet({ profile: scalars });
    void house.accept(payload('-1000', { topic: 'grid' }));
    void house.accept(payload('4000', { topic: 'pv' }));
    await intake.flush();
    expect(listOf(queue.committed[0])).toEqual(['0 grid-meter: -1000 4000', '0 site: 1000 3000 100 75']);
  });

  it('that seems to consume less than nothing has a sign the wrong way round, and says so for a day', async () => {
    const { meter, roof, payload, intake, machineClock } = bench();
    const signs = () => intake.siteProblems().filter(({ code }) => code === 'site.sign');
    const minutes = async (count: number, watts: number): Promise<void> => {
      for (let minute = 0; minute <= count; minute++) {
        void roof.accept(payload('{"p":0}'));
        void meter.accept(payload(`{"1.7.0":${Math.max(0, watts)},"2.7.0":${Math.max(0, -watts)}}`));
        await intake.flush();
        if (minute < count) await machineClock.advance(60_000);
      }
    };
    // For a moment, because PV and meter are not asked at the same instant; and a little, because devices round.
    await minutes(4, -2_000);
    await minutes(0, 500);
    await minutes(20, -200);
    for (let hour = 0; hour < 3; hour++) {
      await minutes(0, -2_000);
      await machineClock.advance(3_600_000);
    }
    expect(signs()).toEqual([]);
    await minutes(5, -2_000);
    const problem = { code: 'site.sign', message: expect.stringContaining('-2000 W') as string };
    expect(signs()).toEqual([expect.objectContaining(problem)]);
    await minutes(60, 500);
    expect(signs()).toHaveLength(1);
    await machineClock.advance(24 * 3_600_000);
    expect(signs()).toEqual([]);
  });

  it('is nothing where none is configured', async () => {
    const { inlet, payload, queue, intake } = intakeBench();
    void inlet().accept(payload(FED_IN));
    await intake.flush();
    expect(listOf(queue.committed[0])).toEqual(['0 grid-meter: 0 2000']);
  });
});
