import { describe, expect, it } from 'vitest';
import { decodeWith, profileOf, valuesOf } from '../../../support/payload-profile.ts';

const POWER = 'fields: { pv.power: { path: p } }';

describe('a field', () => {
  it('is the first of its paths that is there, by keys without case where none is the same to the letter', () => {
    const rule = 'fields: { pv.power: { path: [a, b.c, "list[1]"] } }';
    expect(decodeWith(rule, { b: { c: 2 }, list: [0, 3] })).toEqual({ d: { 'pv.power': 2 } });
    expect(decodeWith(rule, { list: [0, 3] })).toEqual({ d: { 'pv.power': 3 } });
    expect(decodeWith(POWER, { P: 1, p: 2 })).toEqual({ d: { 'pv.power': 2 } });
    expect(decodeWith(POWER, { P: 1 })).toEqual({ d: { 'pv.power': 1 } });
  });

  it('that is absent, null or says that there is none is a gap, never 0', () => {
    const rule = 'fields: { pv.power: { path: p, absent: [65535, 0] }, battery.soc: { path: s } }';
    expect(decodeWith(rule, { s: 50 })).toEqual({ d: { 'battery.soc': 50 } });
    expect(decodeWith(rule, { s: 50, p: null })).toEqual({ d: { 'battery.soc': 50 } });
    expect(decodeWith(rule, { s: 50, p: 65535 })).toEqual({ d: { 'battery.soc': 50 } });
    expect(decodeWith(rule, { s: 50, p: 0 })).toEqual({ d: { 'battery.soc': 50 } });
    expect(decodeWith(rule, { p: null })).toBe('ignored: no value at present');
    expect(decodeWith(POWER, { p: null })).toBe('ignored: no value at present');
    expect(decodeWith(POWER, { p: 0 })).toEqual({ d: { 'pv.power': 0 } });
  });

  it('that is no number costs itself, and the payload where it is the only one', () => {
    expect(decodeWith('fields: { pv.power: { path: p }, battery.soc: { path: s } }', { p: 'x', s: 1 })).toEqual({
      d: { 'battery.soc': 1 },
      refused: { p: 'not a decimal number' },
    });
    expect(decodeWith(POWER, { p: true })).toBe('refused: no usable value: p is refused: a boolean, not a number');
    expect(decodeWith(POWER, { q: 1 })).toBe('refused: no known field');
    expect(decodeWith(POWER, { p: '1e999' })).toBe('refused: no usable value: p is refused: not finite');
  });

  it('of another shape is the same key of another device', () => {
    expect(decodeWith('fields: { pv.power: { path: p }, battery.soc: { path: s } }', { p: [1, 2], s: 1 })).toEqual({
      d: { 'battery.soc': 1 },
    });
  });

  it.each([
    ['kW', 'pv.power', 1.5, 1500],
    ['mW', 'pv.power', 1500, 1.5],
    ['kWh', 'energy.generated.total', 34507.4761, 34507476.1],
    ['mWh', 'energy.generated.total', 2500, 2.5],
    ['Wmin', 'energy.generated.total', 90, 1.5],
    ['ratio%', 'power.factor', 98.5, 0.985],
    ['mV', 'dc.voltage', 230_100, 230.1],
    ['kvar', 'power.reactive', -0.5, -500],
    ['kvarh', 'energy.reactive.import', 2, 2000],
    ['kVA', 'power.apparent', 2, 2000],
    ['W', 'pv.power', 7, 7],
  ])('in %s becomes the stored unit', (unit, quantity, given, stored) => {
    expect(decodeWith(`fields: { ${quantity}: { path: p, unit: '${unit}' } }`, { p: given })).toEqual({
      d: { [quantity]: stored },
    });
  });

  it('has its sign and its scale from the factor, after its range was looked at', () => {
    const rule = 'fields: { grid.power: { path: p, factor: -10, min: 0, max: 100 } }';
    expect(decodeWith(rule, { p: 100 })).toEqual({ d: { 'grid.power': -1000 } });
    expect(decodeWith(rule, { p: 0 })).toEqual({ d: { 'grid.power': 0 } });
    expect(decodeWith(rule, { p: 101 })).toBe('refused: no usable value: p is refused: out of range');
    expect(decodeWith(rule, { p: -1 })).toBe('refused: no usable value: p is refused: out of range');
  });

  it('that is a signed word given as an unsigned one is read as signed', () => {
    const rule = 'fields: { battery.power: { path: p, factor: 10, signed16: true } }';
    expect(decodeWith(rule, { p: 65_535 })).toEqual({ d: { 'battery.power': -10 } });
    expect(decodeWith(rule, { p: 32_767 })).toEqual({ d: { 'battery.power': 327_670 } });
    expect(decodeWith(rule, { p: 32_768 })).toEqual({ d: { 'battery.power': -327_680 } });
  });

  it('may mean a number by a text or a boolean, and then other texts say nothing', () => {
    const rule = 'fields: { consumer.on: { path: s, texts: { "ON": 1, "off": 0, "true": 1 } }, pv.power: { path: p } }';
    expect(decodeWith(rule, { s: 'on', p: 1 })).toEqual({ d: { 'consumer.on': 1, 'pv.power': 1 } });
    expect(decodeWith(rule, { s: 'OFF', p: 1 })).toEqual({ d: { 'consumer.on': 0, 'pv.power': 1 } });
    expect(decodeWith(rule, { s: true, p: 1 })).toEqual({ d: { 'consumer.on': 1, 'pv.power': 1 } });
    expect(decodeWith(rule, { s: 'TOGGLE', p: 1 })).toEqual({ d: { 'pv.power': 1 } });
  });

  it('may be a sum, which needs all of its parts', () => {
    const rule = 'fields: { energy.active.import: { sum: [t.a, t.b], unit: kWh }, pv.power: { path: p } }';
    expect(decodeWith(rule, { t: { a: 1.1, b: '2.2' }, p: 1 })).toEqual({
      d: { 'energy.active.import': 3300, 'pv.power': 1 },
    });
    expect(decodeWith(rule, { t: { a: 1.1 }, p: 1 })).toEqual({ d: { 'pv.power': 1 } });
    expect(decodeWith(rule, { t: { a: 1.1, b: null }, p: 1 })).toEqual({ d: { 'pv.power': 1 } });
    expect(decodeWith(rule, { t: { a: 1.1, b: 'x' }, p: 1 })).toEqual({
      d: { 'pv.power': 1 },
      refused: { 't.a': 'not a decimal number' },
    });
  });

  it('that is not enabled is kept only when asked for', () => {
    const rule = '- fields: { pv.power: { path: p }, pv.1.power: { path: q, enabled: false } }';
    const payload = { p: 1, q: 2 };
    const decode = (quantities: 'default' | 'all' | string[] = 'default'): unknown =>
      valuesOf(profileOf(rule, { quantities }).decode(payload, { topic: 't', device: 'd' }));
    expect(decode()).toEqual({ d: { 'pv.power': 1 } });
    expect(decode('all')).toEqual({ d: { 'pv.power': 1, 'pv.1.power': 2 } });
    expect(decode(['pv.*.power'])).toEqual({ d: { 'pv.1.power': 2 } });
    expect(decode(['pv.power'])).toEqual({ d: { 'pv.power': 1 } });
    expect(decode(['pv'])).toBe('refused: no known field');
  });
});

describe('a bare value', () => {
  const rule = 'value: { quantity: pv.power, unit: kW, texts: { "idle": 0 } }';

  it.each([
    ['0.230', 230],
    ['-1', -1000],
    ['1.2346e+05', 123_460_000],
    ['5e-3', 5],
    ['IDLE', 0],
  ])('%s is its number', (text, value) => {
    expect(decodeWith(rule, text)).toEqual({ d: { 'pv.power': value } });
  });

  it.each(['nan', 'NULL', 'unavailable', 'unknown'])('%s says that there is none', (text) => {
    expect(decodeWith(rule, text)).toBe('ignored: no value at present');
  });

  it('is refused where it is no number, and not looked at by rules of fields', () => {
    expect(decodeWith('value: { quantity: pv.power }', '12 W')).toBe(
      'refused: no usable value: value is refused: not a decimal number',
    );
    expect(decodeWith(POWER, '12')).toBe('ignored: not a topic of x');
    expect(decodeWith('value: { quantity: pv.power }', { p: 1 })).toBe('ignored: not a topic of x');
  });
});
