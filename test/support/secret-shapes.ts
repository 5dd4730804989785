/**
 * Secrets that a careless mask would miss. Each holds a mark that no text of the gateway's has, so that whatever of it is found
 * was shown. None holds a star: the mask itself could make such a one.
 */
import * as fc from 'fast-check';

const MARK = 'zQ7';

const PIECES = [
  '"',
  '\\',
  '\\"',
  "'",
  '%',
  '%41',
  '$',
  '$&',
  '${HOME}',
  '$${X}',
  '.+?[',
  '(a|b)',
  '^$',
  '/',
  '//',
  '?',
  '#',
  '@',
  ':',
  '<b>',
  '&amp;',
  '{}',
  '","',
  '__proto__',
];
const WIDE_PIECES = [' ', '  ', '\n', '\r\n', '\t', '\u0000', 'ü', 'ß€', '😀', '\u2028', '\u00a0', ' #'];

function around(pieces: readonly string[], unit: 'grapheme' | fc.Arbitrary<string>): fc.Arbitrary<string> {
  const filler = fc.string({ unit, maxLength: 6 });
  const parts = fc.array(fc.oneof(fc.constantFrom(...pieces), filler), { minLength: 1, maxLength: 8 });
  return fc.tuple(parts, parts).map(([before, after]) => [...before, MARK, ...after].join('').replaceAll('*', '+'));
}

const visible = fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCodePoint(code));

/** What an access token may consist of: visible ASCII. */
export const anyToken: fc.Arbitrary<string> = around(PIECES, visible).filter((text) => text.length > MARK.length);

/** What a password may consist of. */
export const anyPassword: fc.Arbitrary<string> = around([...PIECES, ...WIDE_PIECES], 'grapheme').filter(
  (text) => text.trim().length > MARK.length,
);

/** The secrets that a text shows, as they are or as they stand in JSON, a URL or HTML. */
export function shownIn(text: string, secrets: readonly string[]): string[] {
  return secrets.filter((secret) => formsOf(secret).some((form) => text.includes(form)));
}

function formsOf(secret: string): string[] {
  const bare = secret.trim();
  const json = JSON.stringify(bare).slice(1, -1);
  // What PHP and Go make of it.
  const elsewhere = json.replaceAll('/', '\\/').replaceAll('<', '\\u003c');
  return [bare, json, elsewhere, encodeURIComponent(bare)];
}
