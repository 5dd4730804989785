import { describe, expect, it } from 'vitest';
import { DAY, HOUR, MINUTE } from '../../../src/model/time.ts';
import { intakeBench, NOW } from '../../support/intake-bench.ts';
import { profileOf } from '../../support/payload-profile.ts';
import { FED_IN, SITE } from '../../support/site.ts';

const PV = profileOf('- { fields: { pv.power: { path: p }, energy.generated.total: { path: e } } }');

function bench(site: Partial<typeof SITE> = {}) {
  const made = intakeBench({ site: { ...SITE, ...site } });
  const inlets = { meter: made.inlet(), roof: made.inlet({ name: 'inverter', profile: PV, device: 'roof' }) };
  const look = (): string[] => made.intake.siteProblems().map(({ code, message }) => `${code} ${message}`);
  const both = async (): Promise<void> => {
    void inlets.meter.accept(made.payload(FED_IN));
    void inlets.roof.accept(made.payload('{"p":5000}'));
    await made.intake.flush();
  };
  // The first look is when its patience begins.
  look();
  return { ...made, ...inlets, look, both };
}

describe('a gap of the site while it runs', () => {
  it('is none while its devices tell their powers, nor while they are silent for a little while', async () => {
    const { both, look, machineClock } = bench();
    expect(look()).toEqual([]);
    await both();
    await machineClock.advance(10 * MINUTE);
    expect(look()).toEqual([]);
  });

  it('is a device that has been silent far longer than its values may be old', async () => {
    const { both, look, machineClock } = bench();
    await both();
    await machineClock.advance(10 * MINUTE + 1);
    expect(look()).toEqual([
      'site.gap The device grid-meter (site.grid) has told no power for 10 min: what is derived from it is a gap.',
    ]);
    await both();
    expect(look()).toEqual([]);
  });

  it('has more patience where values may be older', async () => {
    const { both, look, machineClock } = bench({ maxAgeMs: MINUTE });
    await both();
    await machineClock.advance(20 * MINUTE);
    expect(look()).toEqual([]);
    await machineClock.advance(1);
    expect(look()).toHaveLength(1);
  });

  it('lets PV sleep for a night', async () => {
    const { both, look, meter, payload, intake, machineClock } = bench();
    await both();
    await machineClock.advance(DAY);
    void meter.accept(payload(FED_IN));
    await intake.flush();
    expect(look()).toEqual([]);
    await machineClock.advance(1);
    expect(look()).toEqual([
      'site.gap The device roof (site.pv) has told no power for 24 h: what is derived from it is a gap.',
    ]);
    await machineClock.advance(2 * DAY);
    void meter.accept(payload(FED_IN));
    await intake.flush();
    expect(look()).toEqual([expect.stringContaining('has told no power for 3 d')]);
  });

  it('lets PV sleep that answers at night, but tells no power, also after a start in the dark', async () => {
    const { both, look, meter, roof, payload, intake, machineClock } = bench();
    for (let hour = 0; hour < 24; hour++) {
      await machineClock.advance(HOUR);
      void meter.accept(payload(FED_IN));
      void roof.accept(payload('{"p":null,"e":5000}'));
      await intake.flush();
      expect(look()).toEqual([]);
    }
    await machineClock.advance(1);
    expect(look()).toEqual([expect.stringContaining('roof (site.pv) brings readings, but neither pv.power nor')]);
    await both();
    expect(look()).toEqual([]);
  });

  it('is told with the time it has lasted', async () => {
    const { both, look, machineClock } = bench({ pv: [] });
    await both();
    await machineClock.advance(5 * HOUR);
    expect(look()).toEqual([expect.stringContaining('has told no power for 5 h')]);
  });

  it('is a device that came, never told its power, and has been silent since', async () => {
    const { look, meter, payload, intake, machineClock } = bench({ pv: [] });
    void meter.accept(payload('{"1.7.0":100}'));
    await intake.flush();
    await machineClock.advance(3 * DAY);
    expect(look()).toEqual([
      'site.gap The device grid-meter (site.grid) has not come for 3 d: what is derived from it is a gap.',
    ]);
  });

  it('is not told a second time of a device of which the configuration tells it', async () => {
    const { look, machineClock } = bench({ warned: new Set(['grid-meter']) });
    await machineClock.advance(2 * DAY);
    expect(look()).toEqual([expect.stringContaining('The device roof (site.pv) has not come since')]);
  });

  it('is a device that brings readings, but none of the quantities its role is told by', async () => {
    const { both, look, roof, meter, payload, intake, machineClock } = bench();
    await machineClock.advance(DAY + 1);
    void meter.accept(payload(FED_IN));
    void roof.accept(payload('{"e":5000}'));
    await intake.flush();
    expect(look()).toEqual([
      'site.gap The device roof (site.pv) brings readings, but neither pv.power nor power.active of now: what is derived from it is a gap.',
    ]);
    await both();
    expect(look()).toEqual([]);
  });

  it('is a device that brings only half of what its power is made of', async () => {
    const { look, meter, payload, intake, machineClock } = bench({ pv: [] });
    await machineClock.advance(10 * MINUTE + 1);
    void meter.accept(payload('{"1.7.0":100}'));
    await intake.flush();
    expect(look()).toEqual([
      'site.gap The device grid-meter (site.grid) brings readings, but neither grid.power nor power.active.import with power.active.export nor power.active.saldo of now: what is derived from it is a gap.',
    ]);
  });

  it('is a device whose own time is not of now', async () => {
    const { look, meter, payload, intake, machineClock } = bench({ pv: [] });
    await machineClock.advance(10 * MINUTE + 1);
    void meter.accept(payload(`{"1.7.0":0,"2.7.0":1,"time":${NOW / 1000 - 3600}}`));
    await intake.flush();
    expect(look()).toEqual([expect.stringContaining('brings readings, but neither grid.power nor')]);
  });

  it('is a device that never came', async () => {
    const { look, machineClock } = bench();
    await machineClock.advance(10 * MINUTE + 1);
    expect(look()).toEqual([
      'site.gap The device grid-meter (site.grid) has not come since the gateway was started: what is derived from it is a gap.',
    ]);
  });
});
