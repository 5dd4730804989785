import type { Problem } from '../model/problem.ts';
import { DAY, HOUR, MINUTE, type DurationMs, type MonoMs } from '../model/time.ts';
import { powerKnownAt, waysToPower, type Latest, type SiteDevices, type SiteRole } from './site-powers.ts';

/** How many times as old as it may be a value must be, and how old at least, before it is worth a person's time. */
const TIMES_MAX_AGE = 20;
const LEAST_PATIENCE: DurationMs = 10 * MINUTE;
/** An inverter may have no supply at night. */
const PV_PATIENCE: DurationMs = DAY;

export interface SiteHistory {
  readonly latest: Latest;
  /** When each device's newest reading of any kind was received. */
  readonly heard: ReadonlyMap<string, MonoMs>;
  /** When listening began. */
  readonly since: MonoMs;
}

/** Which devices have kept powers of the site from being derived for so long that they will go on. Pure. */
export function siteGaps(site: SiteDevices, history: SiteHistory, now: MonoMs): Problem[] {
  const { grid, pv, battery, chargers, maxAgeMs } = site;
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
      const said = saidOf(role, device, history, now, { usual, patience });
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
  { usual, patience }: { readonly usual: DurationMs; readonly patience: DurationMs },
): readonly [what: string, hint: string] | null {
  const knownAt = powerKnownAt(role, latest.get(device));
  if (knownAt !== null)
    return now - knownAt > patience
      ? [
          `has told no power for ${formatted(patience)}`,
          'Is it switched on and reachable? One that only speaks when something changes needs a longer site.maxAge, or does not belong there.',
        ]
      : null;
  if (heard.has(device))
    return now - since > usual
      ? [
          `brings readings, but neither ${waysToPower(role).join(' nor ')} of now`,
          'Compare the `quantities` of its source with its profile (`gateway profiles show`), and its clock with the time; or name another device.',
        ]
      : null;
  return now - since > patience
    ? [
        'has not come since the gateway was started',
        'Compare its name with the devices in `gateway export --from -1h`, and see that it is switched on.',
      ]
    : null;
}

function formatted(length: DurationMs): string {
  return length >= 2 * HOUR ? `${Math.round(length / HOUR)} h` : `${Math.round(length / MINUTE)} min`;
}
