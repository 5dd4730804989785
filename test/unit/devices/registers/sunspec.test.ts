import { describe, expect, it } from 'vitest';
import { decode, registerProfile, valuesOf } from '../../../support/register-poll.ts';

const NONE = 0x8000;

/** Model 103 with these words by offset; what is not said is "not implemented". */
function inverter(words: Readonly<Record<number, number>>): string {
  const all = Array.from({ length: 52 }, (_, i) => words[i] ?? (SCALES.has(i) || SIGNED.has(i) ? NONE : 0xffff));
  all.splice(0, 2, 103, 50);
  return all.map((word) => word.toString(16).padStart(4, '0')).join('');
}
const SCALES = new Set([6, 13, 15, 17, 19, 21, 23, 26, 28, 30, 32, 37]);
const SIGNED = new Set([14, 18, 20, 22, 31, 33, 34, 35, 36]);

function read(words: Readonly<Record<number, number>>): Readonly<Record<string, number | undefined>> {
  return valuesOf(decode(registerProfile('sunspec'), { mono: 1, blocks: {}, models: { 103: [inverter(words)] } }));
}

describe('a SunSpec inverter', () => {
  it('has values with a scale factor, which may be negative', () => {
    expect(read({ 14: 321, 15: 1, 16: 5_002, 17: 0xfffe })).toMatchObject({
      'power.active': 3_210,
      'grid.frequency': 50.02,
    });
  });

  it('has no value where its scale factor is missing: it would mean nothing', () => {
    expect(read({ 14: 321, 16: 5_002, 17: 0xfffe })).not.toHaveProperty('power.active');
  });

  it.each([
    ['a signed word', 14, NONE],
    ['an unsigned one', 16, 0xffff],
  ])('has no value where the bits say that it is not implemented: %s', (_, offset, raw) => {
    const values = read({ 14: 1, 15: 0, 16: 5_000, 17: 0xfffe, [offset]: raw });
    expect(Object.keys(values)).toHaveLength(1);
  });

  it('may feed a negative power, as at night', () => {
    expect(read({ 14: 0xfffb, 15: 0 })).toEqual({ 'power.active': -5 });
  });

  it('has no energy where its counter is 0, which is how it says that it has none', () => {
    expect(read({ 14: 1, 15: 0, 24: 0, 25: 0, 26: 0 })).toEqual({ 'power.active': 1 });
    expect(read({ 24: 1, 25: 0, 26: 0 })).toEqual({ 'energy.generated.total': 65_536 });
  });

  it('gives nothing of a model that came short', () => {
    const short = inverter({ 14: 321, 15: 1 }).slice(0, 4 * 15);
    expect(decode(registerProfile('sunspec'), { mono: 1, blocks: {}, models: { 103: [short] } }).kind).toBe('ignored');
  });
});
