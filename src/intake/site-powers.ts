/** What the devices of a site say of power, and what follows from it. Pure; W, grid + = import, battery + = charging. */
import type { Quantity } from '../model/reading.ts';
import type { DurationMs, MonoMs } from '../model/time.ts';

/** Which devices a site has, by their names. */
export interface SiteDevices {
  readonly grid: string;
  readonly pv: readonly string[];
  readonly battery: readonly string[];
  readonly chargers: readonly string[];
  /** The longest a value is taken for what still is. */
  readonly maxAgeMs: DurationMs;
}

export interface Measured {
  readonly value: number;
  readonly mono: MonoMs;
}

/** The newest value of each quantity, by device. */
export type Latest = ReadonlyMap<string, ReadonlyMap<Quantity, Measured>>;

/** A way to a power: quantities, each with its sign, that are added up. */
type Terms = Readonly<Record<Quantity, 1 | -1>>;

/** For each role the ways to its power, the best first. */
const POWERS = {
  // The balance comes last: some readers let their user add an offset to it.
  grid: [{ 'grid.power': 1 }, { 'power.active.import': 1, 'power.active.export': -1 }, { 'power.active.saldo': 1 }],
  pv: [{ 'pv.power': 1 }, { 'power.active': 1 }],
  battery: [{ 'battery.power': 1 }, { 'battery.power.charge': 1, 'battery.power.discharge': -1 }],
  charger: [{ 'charger.power': 1 }, { 'consumer.power': 1 }],
} as const satisfies Readonly<Record<string, readonly Terms[]>>;

export type SiteRole = keyof typeof POWERS;

/** The quantities that any of the ways needs. */
export const SITE_INPUTS: ReadonlySet<Quantity> = new Set(Object.values(POWERS).flat().flatMap(Object.keys));

/** Those by which a reading of the grid's device speaks of its power. */
export const GRID_INPUTS: ReadonlySet<Quantity> = new Set(POWERS.grid.flatMap(Object.keys));

/**
 * Derives from the newest values, as far as they are fresh at `now`; what needs one that is not is a gap.
 *
 * - `site.consumption`: what the site uses, chargers included, the battery's charging not: PV + grid − battery.
 * - `site.surplus`: PV that nothing but chargers and the battery takes, which is what could be charged now:
 *   PV − (consumption − chargers), and so battery + chargers − grid. Negative: so much is missing.
 * - `site.self_sufficiency`: the share of the consumption that did not come from the grid.
 * - `site.self_consumption`: the share of the PV power that was not fed into the grid; none at night.
 *
 * Without PV devices there is no consumption to tell: PV that nobody measures is not 0.
 */
export function derive(latest: Latest, now: MonoMs, site: SiteDevices): ReadonlyMap<Quantity, number> {
  const fresh = (device: string, terms: Terms): number | null => sumOf(latest.get(device), terms, now - site.maxAgeMs);
  const power = (role: SiteRole, device: string): number | null =>
    first(POWERS[role].map((terms) => fresh(device, terms)));
  const all = (role: SiteRole, devices: readonly string[], least = -Infinity): number | null =>
    total(
      devices.map((device) => power(role, device)).map((watts) => (watts === null ? null : Math.max(least, watts))),
    );

  const grid = power('grid', site.grid);
  const battery = all('battery', site.battery);
  const chargers = all('charger', site.chargers);
  // What an inverter draws at night is consumption.
  const pv = site.pv.length === 0 ? null : all('pv', site.pv, 0);

  const derived = new Map<Quantity, number>();
  if (grid === null || battery === null) return derived;
  if (chargers !== null) derived.set('site.surplus', battery + chargers - grid);
  if (pv === null) return derived;
  const consumption = pv + grid - battery;
  derived.set('site.consumption', consumption);
  if (consumption > 0) derived.set('site.self_sufficiency', share(consumption - Math.max(0, grid), consumption));
  if (pv > 0) derived.set('site.self_consumption', share(pv - Math.max(0, -grid), pv));
  return derived;
}

/** When a device's power was last known by any of the ways; null when it never was. */
export function powerKnownAt(role: SiteRole, values: ReadonlyMap<Quantity, Measured> | undefined): MonoMs | null {
  const known = POWERS[role]
    .map((terms) => Math.min(...Object.keys(terms).map((quantity) => values?.get(quantity)?.mono ?? -Infinity)))
    .filter((mono) => mono > -Infinity);
  return known.length === 0 ? null : Math.max(...known);
}

/** The ways to a power, each as the quantities it needs. */
export function waysToPower(role: SiteRole): string[] {
  return POWERS[role].map((terms) => Object.keys(terms).join(' with '));
}

/** Null unless all of the terms are there and fresh. */
function sumOf(values: ReadonlyMap<Quantity, Measured> | undefined, terms: Terms, since: MonoMs): number | null {
  return total(
    Object.entries(terms).map(([quantity, sign]) => {
      const measured = values?.get(quantity);
      return measured === undefined || measured.mono < since ? null : sign * measured.value;
    }),
  );
}

function total(powers: readonly (number | null)[]): number | null {
  return powers.reduce((sum, power) => (sum === null || power === null ? null : sum + power), 0);
}

function first(powers: readonly (number | null)[]): number | null {
  return powers.find((power) => power !== null) ?? null;
}

/** In percent; devices that do not measure at the same instant must not make it less than none or more than all. */
function share(part: number, whole: number): number {
  return Math.min(100, Math.max(0, (100 * part) / whole));
}
