/** Numbers and times as a person reads them. Rounded down: never more than there is. */
import { DAY, HOUR, MINUTE, SECOND, type DurationMs, type EpochMs } from '../model/time.ts';

/** `1234567` → `1,234,567`. */
export function grouped(n: number): string {
  // Intl reads its data of all languages first, which takes longer than the rest of a status.
  return String(Math.round(n)).replace(/\B(?=(?:\d{3})+$)/g, ',');
}

/** `1 value`, `1,200 values`. */
export function counted(n: number, noun: string): string {
  return `${grouped(n)} ${noun}${n === 1 ? '' : 's'}`;
}

/** Binary units with at most one decimal: `9.1 GiB`. */
export function bytes(n: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let value = n;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  const text = unit === 0 || value >= 100 ? Math.floor(value) : Math.floor(value * 10) / 10;
  return `${text} ${units[unit] ?? ''}`;
}

/** The two largest units: `3 d 2 h`, `10 min`, `45 s`. Negative lengths count as none. */
export function duration(ms: DurationMs): string {
  const parts: readonly (readonly [DurationMs, string])[] = [
    [DAY, 'd'],
    [HOUR, 'h'],
    [MINUTE, 'min'],
    [SECOND, 's'],
  ];
  const first = parts.findIndex(([length]) => ms >= length);
  if (first < 0) return '0 s';
  let rest = ms;
  const words: string[] = [];
  for (const [length, name] of parts.slice(first, first + 2)) {
    const n = Math.floor(rest / length);
    rest -= n * length;
    if (n > 0) words.push(`${n} ${name}`);
  }
  return words.join(' ');
}

/** In the local zone, to the second: `2026-11-20 14:00:05`. */
export function localTime(at: EpochMs): string {
  const d = new Date(at);
  const date = `${d.getFullYear()}-${two(d.getMonth() + 1)}-${two(d.getDate())}`;
  return `${date} ${two(d.getHours())}:${two(d.getMinutes())}:${two(d.getSeconds())}`;
}

function two(n: number): string {
  return String(n).padStart(2, '0');
}
