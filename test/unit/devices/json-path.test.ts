import { describe, expect, it } from 'vitest';
import { lookUp, parseJsonPath } from '../../../src/devices/json-path.ts';
import type { Json } from '../../../src/devices/profile.ts';
import { GatewayError } from '../../../src/model/error.ts';

describe('a path into a payload', () => {
  it.each([
    ['ENERGY.Power', ['ENERGY', 'Power']],
    ['emeters[0].power', ['emeters', '0', 'power']],
    ['emeters.0.power', ['emeters', '0', 'power']],
    ['[1]', ['1']],
    ['a[0][1]', ['a', '0', '1']],
    ['"1.8.0"', ['1.8.0']],
    ["meter.'16.7.0'.value", ['meter', '16.7.0', 'value']],
    ['em:0.total act', ['em:0', 'total act']],
  ])('%s is read as its segments', (text, expected) => {
    expect(parseJsonPath(text)).toEqual(expected);
  });

  it.each(['', '.', 'a.', '.a', 'a..b', 'a[', 'a[x]', 'a[-1]', '"a', 'a"b"', 'a[0]b'])(
    '%j is refused with a hint',
    (text) => {
      expect(() => parseJsonPath(text)).toThrow(GatewayError);
    },
  );

  it.each([
    ['a.b', 1],
    ['list[1]', 20],
    ['list.length', undefined],
    ['list[2]', undefined],
    ['a.b.c', undefined],
    ['text.length', undefined],
    ['text[0]', undefined],
    ['none.a', undefined],
    ['constructor', undefined],
    ['__proto__', undefined],
    ['a.toString', undefined],
  ])('%s leads only to what the payload itself holds', (text, expected) => {
    const payload: Json = { a: { b: 1 }, list: [10, 20], text: 'abc', none: null };
    expect(lookUp(payload, parseJsonPath(text))).toBe(expected);
  });
});
