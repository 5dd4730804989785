import { describe, expect, it } from 'vitest';
import { DAY, HOUR, MINUTE, SECOND } from '../../../src/model/time.ts';
import { bytes, counted, duration, grouped } from '../../../src/report/human.ts';

describe('figures for people', () => {
  it.each([
    [-5, '0 s'],
    [999, '0 s'],
    [45 * SECOND, '45 s'],
    [MINUTE, '1 min'],
    [90 * SECOND, '1 min 30 s'],
    [2 * HOUR + 3 * MINUTE + 4 * SECOND, '2 h 3 min'],
    [3 * DAY, '3 d'],
    [3 * DAY + 59 * MINUTE, '3 d'],
    [400 * DAY + 5 * HOUR, '400 d 5 h'],
  ])('%i ms is "%s": the two largest units, rounded down', (ms, text) => {
    expect(duration(ms)).toBe(text);
  });

  it.each([
    [0, '0 B'],
    [1023, '1023 B'],
    [1536, '1.5 KiB'],
    [512 * 1024 ** 2, '512 MiB'],
    [9.19 * 1024 ** 3, '9.1 GiB'],
  ])('%d bytes are "%s"', (n, text) => {
    expect(bytes(n)).toBe(text);
  });

  it('groups digits and counts nouns', () => {
    expect(grouped(1234567)).toBe('1,234,567');
    expect([counted(1, 'value'), counted(0, 'value'), counted(1200, 'value')]).toEqual([
      '1 value',
      '0 values',
      '1,200 values',
    ]);
  });
});
