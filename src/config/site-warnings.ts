import type { Problem } from '../model/problem.ts';
import { closest } from './closest.ts';
import type { SiteConfig, SourceConfig } from './config.ts';
import { formatDuration } from './duration.ts';

/** What keeps the powers of a site from being derived, as far as the configuration tells: before a reading is missing. */
export function siteWarnings(site: SiteConfig | null, sources: readonly SourceConfig[]): Problem[] {
  return site === null ? [] : warned(site, sources).map(([, problem]) => problem);
}

/** The devices they are of. */
export function warnedDevices(site: SiteConfig, sources: readonly SourceConfig[]): ReadonlySet<string> {
  return new Set(warned(site, sources).map(([device]) => device));
}

function warned(
  { grid, pv, battery, chargers, maxAgeMs }: SiteConfig,
  sources: readonly SourceConfig[],
): (readonly [device: string, problem: Problem])[] {
  const roles = Object.entries({ grid: [grid], pv, battery, chargers });
  return roles.flatMap(([key, names]) =>
    names.flatMap((name) => {
      const brings = sources.filter((source) => namesOf(source).some((template) => patternOf(template).test(name)));
      if (brings.length === 0) return [[name, unknown(key, name, sources)] as const];
      const quickest = Math.min(...brings.map((source) => (source.type === 'mqtt' ? 0 : source.intervalMs)));
      return quickest < maxAgeMs ? [] : [[name, tooSeldom(name, quickest, maxAgeMs)] as const];
    }),
  );
}

/** The names of the devices that a source brings; what stands in braces is only known when it comes. */
function namesOf(source: SourceConfig): string[] {
  if (source.type === 'modbus') return source.devices.map(({ device }) => device);
  const { device, profile } = source;
  if (profile.data?.kind !== 'payload') return [device];
  return [...new Set(profile.data.rules.map((rule) => rule.device.replaceAll('{device}', () => device)))];
}

function patternOf(template: string): RegExp {
  const texts = template.split(/\{[^}]*\}/).map((text) => text.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&'));
  return new RegExp(`^${texts.join('.+')}$`, 'u');
}

function unknown(key: string, name: string, sources: readonly SourceConfig[]): Problem {
  const names = [...new Set(sources.flatMap(namesOf))];
  const meant = closest(name, names);
  return {
    code: 'site.gap',
    message: `No source brings a device ${name} (site.${key}), so that what is derived from it is a gap for ever.`,
    hint: meant === undefined ? `The sources bring ${names.join(', ')}.` : `Did you mean ${meant}?`,
  };
}

function tooSeldom(name: string, intervalMs: number, maxAgeMs: number): Problem {
  const [interval, maxAge] = [formatDuration(intervalMs), formatDuration(maxAgeMs)];
  return {
    code: 'site.gap',
    message: `The device ${name} is asked every ${interval}, but for the site its values are too old after ${maxAge}.`,
    hint: `Set site.maxAge to more than ${interval}, or ask more often.`,
  };
}
