import type { Problem } from '../model/problem.ts';
import { DAY, HOUR, MINUTE, type DurationMs, type MonoMs } from '../model/time.ts';
import { powerKnownAt, waysToPower, type Latest, type SiteDevices, type SiteRole } from './site-powers.ts';

/** How many times as old as it may be a value must be, and how old at least, before it is worth a person's time. */
const TIMES_MAX_AGE = 20;
const LEAST_PATIENCE: DurationMs = 10 * MINUTE;
/** An inverter may have no supply at night. */
const PV_PATIENCE: DurationMs = DAY;

/** A site whose gaps are told. */
export interface WatchedSite extends SiteDevices {
  /** Devices of which the configuration tells already why there is a gap. */
  readonly warned: ReadonlySet<string>;
}

export interface SiteHistory {
  readonly latest: Latest;
  /** When each device's newest reading of any kind was received. */
  readonly heard: ReadonlyMap<string, MonoMs>;
  /** When listening began. */
  readonly since: MonoMs;
}

/** Which devices have kept powers of the site from being derived for so long that they will go on. Pure. */
export function siteGaps(site: WatchedSite, history: SiteHistory, now: MonoMs): Problem[] {
  const { grid, pv, battery, chargers, maxAgeMs, warned } = site;
  const roles: readonly (readonly [SiteRole, key: string, devices: readonly string[]])[] = [
    ['grid', 'grid', [grid]],
    ['pv', 'pv', pv],
    ['battery', 'battery', battery],
    ['charger', 'chargers', chargers],
  ];
  const usual = Math.max(LEAST_PATIENCE, TIMES_MAX_AGE * maxAgeMs);
  return roles.flatMap(([role, key, devices]) =>
    devices.flatMap((device) => {
      const patience = role === 'pv' ? Math.max(usual, PV_PATIENCE) : usual;
      const said = warned.has(device) ? null : saidOf(role, device, history, now, patience);
      if (said === null) return [];
      const message = `The device ${device} (site.${key}) ${said[0]}: what is derived from it is a gap.`;
      return [{ code: 'site.gap', message, hint: said[1] }];
    }),
  );
}

function saidOf(
  role: SiteRole,
  device: string,
  { latest, heard, since }: SiteHistory,
  now: MonoMs,
  patience: DurationMs,
): readonly [what: string, hint: string] | null {
  const knownAt = powerKnownAt(role, latest.get(device));
  if (now - (knownAt ?? since) <= patience) return null;
  if (knownAt !== null)
    return [
      `has told no power for ${formatted(now - knownAt)}`,
      'Is it switched on and reachable? One that only speaks when something changes needs a longer site.maxAge, or does not belong there.',
    ];
  const heardAt = heard.get(device);
  if (heardAt !== undefined && now - heardAt <= patience)
    return [
      `brings readings, but neither ${waysToPower(role).join(' nor ')} of now`,
      'Compare the `quantities` of its source with its profile (`gateway profiles show`), and its clock with the time; or name another device.',
    ];
  return [
    `has not come ${heardAt === undefined ? 'since the gateway was started' : `for ${formatted(now - heardAt)}`}`,
    'Compare its name with the devices in `gateway export --from -1h`, and see that it is switched on.',
  ];
}

function formatted(length: DurationMs): string {
  if (length >= 2 * DAY) return `${Math.floor(length / DAY)} d`;
  return length >= 2 * HOUR ? `${Math.floor(length / HOUR)} h` : `${Math.floor(length / MINUTE)} min`;
}
