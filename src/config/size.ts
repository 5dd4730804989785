export const SIZE = 'a size such as 512MB or 64MiB';

const UNITS: readonly (readonly [unit: string, bytes: number])[] = [
  ['GiB', 1024 ** 3],
  ['GB', 1000 ** 3],
  ['MiB', 1024 ** 2],
  ['MB', 1000 ** 2],
  ['KiB', 1024],
  ['kB', 1000],
  ['B', 1],
];

/** Bytes of `64MiB` (powers of 1024) or `512MB` (powers of 1000); null for anything else. Case does not matter. */
export function parseSize(text: string): number | null {
  const match = /^(\d{1,9}(?:\.\d{1,6})?)\s?([kmg]i?b|b)$/i.exec(text.trim());
  const bytes = UNITS.find(([unit]) => unit.toLowerCase() === match?.[2]?.toLowerCase())?.[1];
  return match === null || bytes === undefined ? null : Math.round(Number(match[1]) * bytes);
}

/** In the largest unit that divides it. */
export function formatSize(bytes: number): string {
  const [unit, size] = UNITS.find(([, size]) => bytes !== 0 && bytes % size === 0) ?? ['B', 1];
  return `${bytes / size}${unit}`;
}
