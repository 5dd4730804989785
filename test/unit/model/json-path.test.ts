import { describe, expect, it } from 'vitest';
import { GatewayError } from '../../../src/model/error.ts';
import { isJsonPath, parseJsonPath } from '../../../src/model/json-path.ts';

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
    expect(isJsonPath(text)).toBe(true);
  });

  it.each(['', '.', 'a.', '.a', 'a..b', 'a[', 'a[x]', 'a[-1]', '"a', 'a"b"', 'a[0]b'])(
    '%j is refused with a hint',
    (text) => {
      expect(() => parseJsonPath(text)).toThrow(GatewayError);
      expect(isJsonPath(text)).toBe(false);
    },
  );
});
