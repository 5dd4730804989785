/**
 * Times as people type them: ISO 8601 (without a zone: local), `2026-11-20 14:00`, `2026-11-20`, `now`, or relative to now:
 * `-2h`, `-1d`, `-90m`, `-1d12h`. Ranges are half-open: `from` belongs to them, `to` does not.
 */
import { EXIT, GatewayError } from '../model/error.ts';
import { DAY, HOUR, MINUTE, SECOND, type EpochMs } from '../model/time.ts';

const RELATIVE = /^-(?:\d+(?:\.\d+)?(?:s|min|m|h|d|w))+$/i;
const PART = /(\d+(?:\.\d+)?)(s|min|m|h|d|w)/gi;
const LENGTHS: Readonly<Record<string, number>> = { s: SECOND, m: MINUTE, min: MINUTE, h: HOUR, d: DAY, w: 7 * DAY };
const ABSOLUTE =
  /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?\s*(Z|[+-]\d\d(?::?\d\d)?)?)?$/i;

/**
 * The instant a text means. A local time that a change of the clocks skips is read as if they had not changed; one that
 * occurs twice is the first. Throws a GatewayError (usage) for anything else.
 */
export function parseTime(text: string, now: EpochMs): EpochMs {
  const trimmed = text.trim();
  if (trimmed.toLowerCase() === 'now') return now;
  if (RELATIVE.test(trimmed)) return now - lengthOf(trimmed);
  const at = absolute(trimmed);
  if (at !== null) return at;
  throw new GatewayError(`not a time: ${JSON.stringify(text)}`, {
    hint: "Write 2026-11-20T14:00:00Z, '2026-11-20 14:00' (local time), -2h, -1d or now.",
    exitCode: EXIT.usage,
  });
}

export interface TimeRange {
  readonly from: EpochMs;
  /** Exclusive. */
  readonly to: EpochMs;
}

/** Both ends against the same now. Throws a GatewayError (usage) unless `from` is before `to`. */
export function parseRange(from: string, to: string, now: EpochMs): TimeRange {
  const range = { from: parseTime(from, now), to: parseTime(to, now) };
  if (range.from < range.to) return range;
  throw new GatewayError(
    `--from ${from} (${new Date(range.from).toISOString()}) is not before --to ${to} (${new Date(range.to).toISOString()})`,
    { hint: 'The range begins with --from and ends before --to.', exitCode: EXIT.usage },
  );
}

function lengthOf(text: string): number {
  return [...text.matchAll(PART)].reduce(
    (sum, [, n, unit]) => sum + Number(n) * (LENGTHS[(unit ?? '').toLowerCase()] ?? 0),
    0,
  );
}

function absolute(text: string): EpochMs | null {
  const match = ABSOLUTE.exec(text);
  if (match === null) return null;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match
    .slice(1, 7)
    .map((part) => Number(part ?? 0));
  const ms = Math.floor(Number(`0.${match[7] ?? '0'}`) * 1000);
  const utc = Date.UTC(year, month - 1, day, hour, minute, second, ms);
  if (!isSameDate(utc, [year, month, day, hour, minute, second])) return null;
  const zone = match[8];
  if (zone === undefined) return new Date(year, month - 1, day, hour, minute, second, ms).getTime();
  const offset = offsetMs(zone);
  return offset === null ? null : utc - offset;
}

/** Whether no field overflowed into the next (30 February, 25 o'clock). */
function isSameDate(utc: EpochMs, fields: readonly number[]): boolean {
  const d = new Date(utc);
  const found = [
    d.getUTCFullYear(),
    d.getUTCMonth() + 1,
    d.getUTCDate(),
    d.getUTCHours(),
    d.getUTCMinutes(),
    d.getUTCSeconds(),
  ];
  return found.every((n, i) => n === fields[i]);
}

function offsetMs(zone: string): number | null {
  if (zone.toUpperCase() === 'Z') return 0;
  const [hours, minutes] = [Number(zone.slice(1, 3)), Number(zone.slice(3).replace(':', '') || 0)];
  if (hours > 14 || minutes > 59) return null;
  return (zone.startsWith('-') ? -1 : 1) * (hours * HOUR + minutes * MINUTE);
}
