import * as fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { parseRange, parseTime } from '../../../src/commands/time-argument.ts';
import { GatewayError } from '../../../src/model/error.ts';
import { DAY, HOUR, MINUTE, SECOND } from '../../../src/model/time.ts';
import { localTime } from '../../../src/report/human.ts';

const NOW = Date.UTC(2026, 10, 20, 14);
const ZONES = ['UTC', 'Europe/Vienna', 'America/St_Johns', 'Asia/Kathmandu', 'Pacific/Auckland'];
const original = process.env['TZ'];

afterAll(() => {
  process.env['TZ'] = original ?? 'UTC';
});

describe('a time on the command line', () => {
  it.each([
    ['2026-11-20T14:00:00Z', NOW],
    ['2026-11-20T14:00:00.250Z', NOW + 250],
    ['2026-11-20T15:00+01:00', NOW],
    ['2026-11-20 15:00:00 +0100', NOW],
    ['2026-11-20T10:30-03:30', NOW],
    ['now', NOW],
    ['-2h', NOW - 2 * HOUR],
    ['-1d', NOW - DAY],
    ['-90m', NOW - 90 * MINUTE],
    ['-45s', NOW - 45 * SECOND],
    ['-1d12h', NOW - 36 * HOUR],
    ['-1.5h', NOW - 90 * MINUTE],
    [' -2H ', NOW - 2 * HOUR],
  ])('%s means one instant', (text, at) => {
    expect(parseTime(text, NOW)).toBe(at);
  });

  it.each([
    ['Europe/Vienna', '2026-11-20 14:00', '2026-11-20T13:00:00.000Z'],
    ['Europe/Vienna', '2026-07-20T14:00', '2026-07-20T12:00:00.000Z'],
    ['Europe/Vienna', '2026-11-20', '2026-11-19T23:00:00.000Z'],
    ['Asia/Kathmandu', '2026-11-20 14:00:30', '2026-11-20T08:15:30.000Z'],
    ['Europe/Vienna', '2026-10-25 02:30', '2026-10-25T00:30:00.000Z'],
    ['Europe/Vienna', '2026-03-29 02:30', '2026-03-29T01:30:00.000Z'],
  ])('in %s %s without a zone is local: %s', (zone, text, iso) => {
    process.env['TZ'] = zone;
    expect(new Date(parseTime(text, NOW)).toISOString()).toBe(iso);
  });

  it.each([
    '',
    'yesterday',
    '2h',
    '-',
    '-h',
    '-2y',
    '2026-13-01',
    '2026-02-30',
    '2026-11-20 24:30',
    '2026-11-20T14',
    '20.11.2026',
    '-2h ago',
    '1763647200',
    '2026-11-20T14:00+25:00',
  ])('refuses %j with the forms it takes', (text) => {
    expect(() => parseTime(text, NOW)).toThrow(
      expect.objectContaining({ name: 'GatewayError', exitCode: 1, hint: expect.stringContaining('-2h') }),
    );
  });

  it('reads back every instant it is shown, in every zone, except the second pass of a repeated hour', () => {
    fc.assert(
      fc.property(fc.constantFrom(...ZONES), fc.integer({ min: 0, max: 4e9 }), (zone, seconds) => {
        process.env['TZ'] = zone;
        const at = seconds * SECOND;
        expect(parseTime(new Date(at).toISOString(), NOW)).toBe(at);
        const text = localTime(at);
        const parsed = parseTime(text, NOW);
        expect(localTime(parsed)).toBe(text);
        expect(parsed).toBeLessThanOrEqual(at);
      }),
    );
  });

  it('goes back by exactly the sum of the parts', () => {
    const part = fc.tuple(
      fc.nat(500),
      fc.constantFrom(['s', SECOND], ['m', MINUTE], ['min', MINUTE], ['h', HOUR], ['d', DAY], ['w', 7 * DAY]),
    );
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 4 }), (parts) => {
        const text = `-${parts.map(([n, [unit]]) => `${n}${unit}`).join('')}`;
        const length = parts.reduce((sum, [n, [, ms]]) => sum + n * ms, 0);
        expect(parseTime(text, NOW)).toBe(NOW - length);
      }),
    );
  });

  it('never gives anything but an instant or a usage error', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[-0-9T: .Z+hdm]{0,25}$/)), (text) => {
        expect(outcome(text)).toMatch(/^(instant|GatewayError 1)$/);
      }),
    );
  });
});

describe('a range', () => {
  it('is measured against one now', () => {
    expect(parseRange('-2h', 'now', NOW)).toEqual({ from: NOW - 2 * HOUR, to: NOW });
  });

  it.each([
    ['now', '-2h'],
    ['-2h', '-2h'],
  ])('from %s to %s is a usage error, because the end is not part of it', (from, to) => {
    expect(() => parseRange(from, to, NOW)).toThrow(expect.objectContaining({ exitCode: 1 }));
  });
});

function outcome(text: string): string {
  try {
    return Number.isFinite(parseTime(text, NOW)) ? 'instant' : 'not finite';
  } catch (error) {
    return error instanceof GatewayError ? `${error.name} ${error.exitCode}` : String(error);
  }
}
