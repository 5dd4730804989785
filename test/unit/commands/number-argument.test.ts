import { describe, expect, it } from 'vitest';
import { listFrom, wholeFrom } from '../../../src/commands/number-argument.ts';

describe('a whole number on the command line', () => {
  it.each([
    ['0', 0],
    ['0x0212', 530],
    ['65535', 65_535],
  ])('is read: %s', (text, value) => {
    expect(wholeFrom(0, 65_535)(text)).toBe(value);
  });

  it.each(['', '-1', '65536', '1.5', '1e3', 'abc', ' '])('is refused: "%s"', (text) => {
    expect(() => wholeFrom(0, 65_535)(text)).toThrow('expected a whole number from 0 to 65535.');
  });
});

describe('a list of numbers', () => {
  it.each([
    ['9600', [9_600]],
    ['1-3', [1, 2, 3]],
    ['1,3', [1, 3]],
    ['1-2, 2-4', [1, 2, 3, 4]],
  ])('is read: %s', (text, numbers) => {
    expect(listFrom(1, 9_600)(text)).toEqual(numbers);
  });

  it.each(['', '1,abc', 'abc,1', '3-1', '1-2-3', '0', '1-99999999999'])('is refused as a whole: "%s"', (text) => {
    expect(() => listFrom(1, 247)(text)).toThrow('expected');
  });
});
