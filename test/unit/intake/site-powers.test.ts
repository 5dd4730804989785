import { describe, expect, it } from 'vitest';
import { derive, type Latest, type SiteDevices } from '../../../src/intake/site-powers.ts';

const SITE: SiteDevices = { grid: 'meter', pv: ['roof'], battery: ['cellar'], chargers: ['garage'], maxAgeMs: 30_000 };
const NOW = 1_000_000;

type Powers = Readonly<Record<string, Readonly<Record<string, number>>>>;

function latestOf(powers: Powers, ages: Readonly<Record<string, number>> = {}): Latest {
  return new Map(
    Object.entries(powers).map(([device, values]) => [
      device,
      new Map(
        Object.entries(values).map(([quantity, value]) => [quantity, { value, mono: NOW - (ages[device] ?? 0) }]),
      ),
    ]),
  );
}

function derived(powers: Powers, site: SiteDevices = SITE, ages: Readonly<Record<string, number>> = {}): unknown {
  return Object.fromEntries(derive(latestOf(powers, ages), NOW, site));
}

const NOON = {
  meter: { 'grid.power': -2000 },
  roof: { 'pv.power': 6000 },
  cellar: { 'battery.power': 1500 },
  garage: { 'charger.power': 0 },
};

describe('what follows from the devices of a site', () => {
  it('at noon: what is fed in and what goes into the battery is left over', () => {
    expect(derived(NOON)).toEqual({
      'site.surplus': 3500,
      'site.consumption': 2500,
      'site.self_sufficiency': 100,
      'site.self_consumption': (100 * 4000) / 6000,
    });
  });

  it('at night on the battery: so much is missing, and nothing is from the grid', () => {
    expect(
      derived({ ...NOON, meter: { 'grid.power': 0 }, roof: { 'pv.power': 0 }, cellar: { 'battery.power': -400 } }),
    ).toEqual({ 'site.surplus': -400, 'site.consumption': 400, 'site.self_sufficiency': 100 });
  });

  it('at night on the grid: what the inverter draws is consumption, not a negative sun', () => {
    expect(
      derived({ ...NOON, meter: { 'grid.power': 305 }, roof: { 'power.active': -5 }, cellar: { 'battery.power': 0 } }),
    ).toEqual({ 'site.surplus': -305, 'site.consumption': 305, 'site.self_sufficiency': 0 });
  });

  it('with a full battery: all that is fed in is left over', () => {
    expect(derived({ ...NOON, meter: { 'grid.power': -3500 }, cellar: { 'battery.power': 0 } })).toEqual({
      'site.surplus': 3500,
      'site.consumption': 2500,
      'site.self_sufficiency': 100,
      'site.self_consumption': (100 * 2500) / 6000,
    });
  });

  it('with a car that charges: what it takes could go elsewhere, and is consumption', () => {
    expect(derived({ ...NOON, meter: { 'grid.power': 1000 }, garage: { 'charger.power': 4500 } })).toEqual({
      'site.surplus': 5000,
      'site.consumption': 5500,
      'site.self_sufficiency': (100 * 4500) / 5500,
      'site.self_consumption': 100,
    });
  });

  it('with a battery charged from the grid: no share is below none', () => {
    expect(
      derived({ ...NOON, meter: { 'grid.power': 3000 }, roof: { 'pv.power': 0 }, cellar: { 'battery.power': 2500 } }),
    ).toMatchObject({ 'site.surplus': -500, 'site.consumption': 500, 'site.self_sufficiency': 0 });
  });

  it('with import and export at once: the difference is the power at the grid', () => {
    const meter = { 'power.active.import': 501, 'power.active.export': 507, 'power.active.saldo': 44 };
    expect(derived({ ...NOON, meter })).toMatchObject({ 'site.surplus': 1506, 'site.consumption': 4494 });
    expect(derived({ ...NOON, meter: { 'power.active.import': 501, 'power.active.saldo': -6 } })).toMatchObject({
      'site.surplus': 1506,
    });
    expect(derived({ ...NOON, meter: { 'power.active.import': 501 } })).toEqual({});
  });

  it('with several devices of a kind: their sum, which needs all of them', () => {
    const site = { ...SITE, pv: ['roof', 'barn'], chargers: ['garage', 'boiler'] };
    const powers = { ...NOON, barn: { 'power.active': 700 }, boiler: { 'consumer.power': 100 } };
    expect(derived(powers, site)).toMatchObject({ 'site.surplus': 3600, 'site.consumption': 3200 });
    expect(derived({ ...powers, barn: {} }, site)).toEqual({ 'site.surplus': 3600 });
    expect(derived({ ...powers, boiler: {} }, site)).not.toHaveProperty('site.surplus');
  });

  it('with a device that is grid, PV and battery in one', () => {
    const site = { ...SITE, grid: 'house', pv: ['house'], battery: ['house'], chargers: [] };
    const house = { 'grid.power': -100, 'pv.power': 500, 'battery.power.charge': 150, 'battery.power.discharge': 0 };
    expect(derived({ house }, site)).toMatchObject({ 'site.surplus': 250, 'site.consumption': 250 });
  });

  it('without PV that is measured: the surplus alone', () => {
    const { roof: _, ...powers } = NOON;
    expect(derived(powers)).toEqual({ 'site.surplus': 3500 });
    expect(derived(NOON, { ...SITE, pv: [] })).toEqual({ 'site.surplus': 3500 });
  });

  it('from values that are no older than they may be', () => {
    expect(derived(NOON, SITE, { roof: 30_000 })).toHaveProperty('site.consumption');
    expect(derived(NOON, SITE, { roof: 30_001 })).toEqual({ 'site.surplus': 3500 });
    expect(derived(NOON, SITE, { garage: 30_001 })).not.toHaveProperty('site.surplus');
    expect(derived(NOON, SITE, { garage: 30_001 })).toHaveProperty('site.consumption');
    expect(derived(NOON, SITE, { cellar: 30_001 })).toEqual({});
    expect(derived(NOON, SITE, { meter: 30_001 })).toEqual({});
  });
});
