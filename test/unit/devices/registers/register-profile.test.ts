import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { blocksOf } from '../../../../src/devices/registers/blocks.ts';
import {
  decode,
  DEVICE,
  pair,
  pollOf,
  refusedOf,
  registerProfile,
  registerProfileData,
  valuesOf,
} from '../../../support/register-poll.ts';
import { MINUTE } from '../../../../src/model/time.ts';

const HYBRID = 'zcs-hybrid-es';
const NORMAL = { 0x0200: 2, 0x0206: 2_301, 0x0212: 0xff83, 0x0213: 66 };

describe('a poll of registers', () => {
  it('gives values in stored units, and no -0', () => {
    const values = valuesOf(decode(registerProfile(HYBRID, 'default'), pollOf(HYBRID, { ...NORMAL, 0x0212: 0 })));
    expect(values).toMatchObject({ 'grid.l1.voltage': 230.1, 'load.power': 660 });
    expect(Object.is(values['grid.power'], 0)).toBe(true);
  });

  it('takes all ones for missing in an unsigned word, and for -1 in a signed one among values', () => {
    const values = valuesOf(
      decode(registerProfile(HYBRID), pollOf(HYBRID, { ...NORMAL, 0x0212: 0xffff, 0x0213: 0xffff, 0x0211: 25 })),
    );
    expect(values).toMatchObject({ 'grid.power': 10 });
    expect(values).not.toHaveProperty('load.power');
  });

  it('takes a signed word among missing ones for missing, too', () => {
    const words = Object.fromEntries(Array.from({ length: 60 }, (_, i) => [0x0200 + i, 0xffff]));
    const values = valuesOf(decode(registerProfile(HYBRID), pollOf(HYBRID, { ...words, 0x0206: 2_300 })));
    expect(values['grid.l1.voltage']).toBe(230);
    expect(values).not.toHaveProperty('grid.power');
    expect(values).not.toHaveProperty('battery.power');
  });

  it('gives of a block that was not read nothing at all', () => {
    const { blocks } = pollOf(HYBRID, NORMAL) as { blocks: Record<string, string> };
    const only = { mono: 1, blocks: { '3:512': blocks['3:512'] ?? '' }, models: {} };
    const values = valuesOf(decode(registerProfile(HYBRID), only));
    expect(values).toHaveProperty('load.power');
    expect(values).not.toHaveProperty('pv.1.power');
  });

  it('gives what a part of a block holds, wherever it was cut', () => {
    const words = { mono: 1, blocks: { '3:530': 'ff830042' }, models: {} };
    expect(valuesOf(decode(registerProfile(HYBRID), words))).toEqual({ 'grid.power': 1_250, 'load.power': 660 });
  });

  it.each([
    ['no object', 'a text', 'refused'],
    ['no blocks', { mono: 1 }, 'ignored'],
    ['words that are none', { mono: 1, blocks: { '3:512': 'xyz' } }, 'ignored'],
    ['a key that is none', { mono: 1, blocks: { what: '0001' } }, 'ignored'],
  ])('is not decoded from %s', (_, payload, kind) => {
    expect(decode(registerProfile(HYBRID), payload).kind).toBe(kind);
  });

  it('never makes the profile throw, whatever the words are', () => {
    fc.assert(
      fc.property(fc.integer({ min: 500, max: 700 }), fc.uint8Array({ maxLength: 200 }), (start, bytes) => {
        const hex = Buffer.from(bytes).toString('hex');
        const decoded = decode(registerProfile(HYBRID), { mono: 1, blocks: { [`3:${start}`]: hex }, models: {} });
        for (const value of Object.values(valuesOf(decoded))) expect(value).toSatisfy(Number.isFinite);
      }),
      { numRuns: 60 },
    );
  });

  it('is refused while the inverter is not ready: its state and all its totals are 0', () => {
    expect(decode(registerProfile(HYBRID), pollOf(HYBRID, { 0x0206: 2_300 }))).toEqual({
      kind: 'refused',
      reason: 'all totals are zero and so is the state: it is not ready',
    });
    expect(decode(registerProfile(HYBRID), pollOf(HYBRID, { 0x0206: 2_300, ...pair(0x021c, 1) })).kind).toBe(
      'readings',
    );
  });

  it('refuses a counter that falls, and keeps the rest of the poll', () => {
    const profile = registerProfile(HYBRID, 'default');
    decode(profile, pollOf(HYBRID, { ...NORMAL, ...pair(0x021c, 5_000) }, 0));
    const dawn = decode(profile, pollOf(HYBRID, NORMAL, 5_000));
    expect(valuesOf(dawn)).toHaveProperty('load.power', 660);
    expect(valuesOf(dawn)).not.toHaveProperty('energy.generated.total');
    expect(Object.values(refusedOf(dawn))).toContain('fell from 5000000 to 0');
  });

  it('remembers the counters of each device by itself', () => {
    const [first, second] = [registerProfile(HYBRID), registerProfile(HYBRID)];
    decode(first, pollOf(HYBRID, { ...NORMAL, ...pair(0x021c, 5_000) }, 0));
    const other = decode(second, pollOf(HYBRID, { ...NORMAL, ...pair(0x021c, 10) }, MINUTE));
    expect(valuesOf(other)).toMatchObject({ 'energy.generated.total': 10_000 });
  });

  it('believes zeros of the grid that something has measured, also when only its power is asked for', () => {
    const choice = ['grid.power'] as const;
    const { blocks } = blocksOf(registerProfileData('sofar-g3'), choice);
    expect(blocks.map(({ start }) => start)).toEqual(expect.arrayContaining([0x0484, 0x0684]));
    const metered = decode(registerProfile('sofar-g3', choice), pollOf('sofar-g3', { 0x0404: 2, ...pair(0x068e, 10) }));
    expect(valuesOf(metered)).toEqual({ 'grid.power': 0 });
    const unmetered = decode(registerProfile('sofar-g3', choice), pollOf('sofar-g3', { 0x0404: 2 }));
    expect(valuesOf(unmetered)).toEqual({});
  });

  it('names the serial number it found, also in the polls that do not read it again', () => {
    const payload = pollOf(HYBRID, { ...NORMAL, 0x2001: 0x5a45, 0x2002: 0x3145, 0x2003: 0x5330 });
    const profile = registerProfile(HYBRID);
    expect(decode(profile, payload)).toMatchObject({ readings: [{ serial: 'ZE1ES0' }] });
    const next = { mono: 2, blocks: { '3:530': 'ff830042' }, models: {} };
    expect(decode(profile, next)).toMatchObject({ readings: [{ serial: 'ZE1ES0' }] });
  });
});

describe('what a number means', () => {
  const profile = registerProfile(HYBRID);

  it('is the text of a state', () => {
    expect(profile.describe?.(DEVICE, 'device.state', 2)).toBe('normal');
  });

  it('are the faults whose bits are set, those without a text by their number', () => {
    expect(profile.describe?.(DEVICE, 'device.fault.1', 0b1000_0001)).toBe('Grid over-voltage, bit 7');
  });

  it('is nothing for a word without faults, a state nobody knows, and everything else', () => {
    expect([
      profile.describe?.(DEVICE, 'device.fault.1', 0),
      profile.describe?.(DEVICE, 'device.state', 99),
      profile.describe?.(DEVICE, 'grid.power', 2),
    ]).toEqual([null, null, null]);
  });
});
