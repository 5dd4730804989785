import { describe, expect, it } from 'vitest';
import { parsePayload } from '../../../src/intake/parse.ts';

const MAX = 64 * 1024;

describe('a payload', () => {
  it.each(['', '   \n', '\uFEFF', 'online', 'offline', 'Amis-1', '42', 'true', 'null', '"{}"', '-', '\u0000{}'])(
    '%j is not meant as a reading and is ignored',
    (text) => {
      expect(parse(text).kind).toBe('ignored');
    },
  );

  it('that is not text at all is ignored, unless it begins like JSON', () => {
    expect(parsePayload(Uint8Array.of(0xff, 0xfe, 0x7b), MAX)).toEqual({ kind: 'ignored', reason: 'not JSON' });
    expect(parsePayload(Uint8Array.of(0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d), MAX)).toEqual({
      kind: 'refused',
      reason: 'not valid UTF-8',
    });
  });

  it.each(['{', '{"a":', '{"a":NaN}', "{'a':1}", '[1,]', '{"a":1} x', '{"a":"', '{"a\\', '[[', '[[]'])(
    '%j that begins like JSON but is none is refused',
    (text) => {
      expect(parse(text)).toEqual({ kind: 'refused', reason: 'not valid JSON' });
    },
  );

  it('is read after a byte order mark and white space', () => {
    expect(parse('\uFEFF \r\n\t{"a":"ü"}')).toEqual({ kind: 'json', value: { a: 'ü' } });
  });

  it('larger than the limit is refused unread, whatever it is', () => {
    expect(parsePayload(new TextEncoder().encode(`{"a":1}${' '.repeat(MAX)}`), MAX)).toEqual({
      kind: 'refused',
      reason: 'larger than 65536 bytes',
    });
    expect(parsePayload(new TextEncoder().encode('{"a":1}'), 7).kind).toBe('json');
    expect(parsePayload(new TextEncoder().encode('online'), 5).kind).toBe('refused');
  });

  it('may be nested eight levels deep', () => {
    expect(parse('['.repeat(8) + ']'.repeat(8)).kind).toBe('json');
    expect(parse('['.repeat(9) + ']'.repeat(9))).toEqual({ kind: 'refused', reason: 'nested deeper than 8 levels' });
    expect(parse('{"a":[{}]}').kind).toBe('json');
  });

  it('that is a bomb of brackets is refused before it is built', () => {
    expect(parse('[{"a":'.repeat(10_000))).toEqual({ kind: 'refused', reason: 'nested deeper than 8 levels' });
  });

  it('may have 256 values', () => {
    expect(parse(objectOf(256)).kind).toBe('json');
    expect(parse(objectOf(257))).toEqual({ kind: 'refused', reason: 'more than 256 values' });
  });

  it('may hold brackets, commas and quotes in its texts', () => {
    const value = { a: '[[[[[[[[[[[[', b: ','.repeat(400), c: '\\"{{{{{{{{{{{{' };
    expect(parse(JSON.stringify(value))).toEqual({ kind: 'json', value });
  });

  it('cannot change a prototype', () => {
    const parsed = parse('{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}');
    expect(parsed.kind).toBe('json');
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });
});

function parse(text: string): ReturnType<typeof parsePayload> {
  return parsePayload(new TextEncoder().encode(text), MAX);
}

function objectOf(values: number): string {
  return JSON.stringify(Object.fromEntries(Array.from({ length: values }, (_, i) => [i, 1])));
}
