/**
 * Dimensions as Dynatrace takes them (metric ingestion protocol): keys are lower-cased and brought into the allowed characters,
 * values lose what cannot be shown. An invalid key is repaired rather than refused, because a refused dimension costs a line.
 */
const MAX_KEY = 100;
/** The documentation says 255, the server has refused 251; quotes and escapes are counted in to be safe with either. */
const MAX_QUOTED = 250;
const MAX_DIMENSIONS = 50;

/** Key and clean value, in the order they are sent. */
export type Dimensions = readonly (readonly [key: string, value: string])[];

/** The first of equal keys wins, a fixed one even when it is empty; empty values are left out; at most 50 remain. */
export function dimensionsOf(
  fixed: Readonly<Record<string, string>>,
  configured: Readonly<Record<string, string>>,
): Dimensions {
  const all = new Map<string, string>();
  for (const [name, text] of [...Object.entries(fixed), ...Object.entries(configured)]) {
    const key = dimensionKey(name);
    if (key !== '' && !all.has(key)) all.set(key, dimensionValue(text));
  }
  return [...all].filter(([, value]) => value !== '').slice(0, MAX_DIMENSIONS);
}

/** Sections of `[a-z_][a-z0-9_:-]*` joined by dots; a run of other characters becomes one `_`. Empty when nothing is left. */
export function dimensionKey(name: string): string {
  return name
    .slice(0, MAX_KEY)
    .toLowerCase()
    .slice(0, MAX_KEY)
    .split('.')
    .map((section) => section.replaceAll(/[^a-z0-9_:-]+/g, '_').replace(/^[0-9:-]/, '_'))
    .filter((section) => section !== '')
    .join('.');
}

/** Without control characters, line separators and halves of surrogate pairs; cut so that it fits when quoted. */
export function dimensionValue(text: string): string {
  const clean = text.replaceAll(/[\p{Cc}\u2028\u2029\p{Cs}]/gu, '');
  if (clean.length <= MAX_QUOTED / 2 - 1) return clean;
  let room = MAX_QUOTED - 2;
  let end = 0;
  for (const character of clean) {
    room -= character === '"' || character === '\\' ? 2 : character.length;
    if (room < 0) break;
    end += character.length;
  }
  return clean.slice(0, end);
}

/** A value as a quoted string of the line protocol. */
export function quoted(value: string): string {
  return `"${value.replaceAll(/["\\]/g, String.raw`\$&`)}"`;
}
