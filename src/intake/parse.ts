import type { Json } from '../devices/profile.ts';

/** What a payload is before a profile looks at it. `ignored`: it was not meant as a reading. */
export type Parsed =
  { readonly kind: 'json'; readonly value: Json } | { readonly kind: 'ignored' | 'refused'; readonly reason: string };

const DEPTH_LIMIT = 8;
const VALUE_LIMIT = 256;
/** The longest text that is handed to a profile of single values. */
const TEXT_LIMIT = 256;

const EMPTY: Parsed = { kind: 'ignored', reason: 'empty' };
const NOT_JSON: Parsed = { kind: 'ignored', reason: 'not JSON' };
const TOO_DEEP: Parsed = { kind: 'refused', reason: `nested deeper than ${DEPTH_LIMIT} levels` };
const TOO_MANY: Parsed = { kind: 'refused', reason: `more than ${VALUE_LIMIT} values` };
const NOT_UTF8: Parsed = { kind: 'refused', reason: 'not valid UTF-8' };
const INVALID: Parsed = { kind: 'refused', reason: 'not valid JSON' };

const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * Reads a payload as JSON. What begins with neither `{` nor `[` (after a byte order mark and white space) is ignored:
 * `online`, `Amis-1`, nothing at all. What does but is not JSON, is larger than `maxBytes`, deeper than 8 levels or
 * has more than 256 values (lists and objects inside it count) is refused. Never throws.
 *
 * With `takesText` up to 256 bytes of anything else are a text, without white space around it.
 */
export function parsePayload(bytes: Uint8Array, maxBytes: number, takesText = false): Parsed {
  if (bytes.length > maxBytes) return { kind: 'refused', reason: `larger than ${maxBytes} bytes` };
  const start = firstCharacter(bytes);
  if (start === bytes.length) return EMPTY;
  if (bytes[start] !== 0x7b && bytes[start] !== 0x5b) return takesText ? parseText(bytes) : NOT_JSON;
  const beyond = beyondLimits(bytes, start);
  if (beyond !== null) return beyond;
  let text: string;
  try {
    text = utf8.decode(bytes);
  } catch {
    return NOT_UTF8;
  }
  try {
    return { kind: 'json', value: JSON.parse(text) as Json };
  } catch {
    return INVALID;
  }
}

function parseText(bytes: Uint8Array): Parsed {
  if (bytes.length > TEXT_LIMIT) return NOT_JSON;
  try {
    return { kind: 'json', value: utf8.decode(bytes).trim() };
  } catch {
    return NOT_JSON;
  }
}

function firstCharacter(bytes: Uint8Array): number {
  let i = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  while (i < bytes.length && isSpace(bytes[i])) i++;
  return i;
}

function isSpace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

/** Counts brackets and commas outside strings, so that a hostile payload is refused before anything is built from it. */
function beyondLimits(bytes: Uint8Array, start: number): Parsed | null {
  let depth = 0;
  let opened = 0;
  let commas = 0;
  for (let i = start; i < bytes.length; i++) {
    const byte = bytes[i] ?? 0;
    if (byte === 0x22) i = endOfString(bytes, i);
    else if (byte === 0x2c) commas++;
    // Digits, which most bytes are, are asked no further.
    else if (byte < 0x5b) continue;
    else if (byte === 0x7b || byte === 0x5b) {
      opened++;
      if (++depth > DEPTH_LIMIT) return TOO_DEEP;
    } else if (byte === 0x7d || byte === 0x5d) {
      depth--;
    }
  }
  return commas + opened > VALUE_LIMIT ? TOO_MANY : null;
}

/** From its opening to its closing quotation mark, or to the end of the payload. */
function endOfString(bytes: Uint8Array, opening: number): number {
  let i = opening + 1;
  for (; i < bytes.length && bytes[i] !== 0x22; i++) if (bytes[i] === 0x5c) i++;
  return i;
}
