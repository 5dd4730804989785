import { describe, expect, it } from 'vitest';
import type { Decoded, Json } from '../../../../src/devices/profile.ts';
import { profileOf, valuesOf } from '../../../support/payload-profile.ts';

function decode(rules: string, payload: Json, topic = 'base/t'): Decoded {
  return profileOf(rules).decode(payload, { topic, device: 'd' });
}

describe('the rules of a profile', () => {
  it('that speak of the same device and time make one reading, in which the first to name a quantity counts', () => {
    const rules = `
- fields: { pv.power: { path: p }, battery.soc: { path: s } }
- at: inner
  serial: id
  fields: { pv.power: { path: p }, load.power: { path: l } }`;
    const decoded = decode(rules, { p: 1, s: 50, inner: { p: 2, l: 3, id: ' A7 ' } });
    expect(valuesOf(decoded)).toEqual({ d: { 'pv.power': 1, 'battery.soc': 50, 'load.power': 3 } });
    expect(decoded).toMatchObject({ readings: [{ serial: 'A7' }] });
  });

  it('name devices after the topic, the place in a list, and the configured name', () => {
    const rules = `
- { topic: '{serial}/t', device: '{device}-{serial}', fields: { pv.power: { path: p } } }
- { at: 'list[]', device: '{device}/{index}', when: [{ path: ok, not: false }], fields: { pv.power: { path: p } } }`;
    expect(valuesOf(decode(rules, { p: 1, list: [{ p: 2 }, { p: 3, ok: false }, { p: 4 }] }))).toEqual({
      'd-base': { 'pv.power': 1 },
      'd/1': { 'pv.power': 2 },
      'd/3': { 'pv.power': 4 },
    });
  });

  it('that are a fallback count only where no other finds a reading', () => {
    const rules = `
- { topic: known, fields: { pv.power: { path: p } } }
- { fallback: true, when: [{ path: p, present: true }], fields: { load.power: { path: p } } }`;
    expect(valuesOf(decode(rules, { p: 1 }, 'a/known'))).toEqual({ d: { 'pv.power': 1 } });
    expect(valuesOf(decode(rules, { p: 1 }, 'a/other'))).toEqual({ d: { 'load.power': 1 } });
    expect(valuesOf(decode(rules, { q: 1 }, 'a/other'))).toBe('ignored: no value at present');
    expect(valuesOf(decode(rules, { q: 1 }, 'a/known'))).toBe('refused: no known field');
  });

  it('take a time of the device where it is one, and do without where it is none', () => {
    const rules = '- { time: { path: t, unit: iso }, fields: { pv.power: { path: p } } }';
    expect(decode(rules, { p: 1, t: '2026-11-20T14:00:00+01:00' })).toMatchObject({
      readings: [{ deviceTime: Date.parse('2026-11-20T13:00:00Z') }],
    });
    expect(decode(rules, { p: 1 })).toMatchObject({ readings: [{ deviceTime: null }], refusedFields: [] });
    expect(decode(rules, { p: 1, t: '2026-11-20T14:00:00' })).toMatchObject({
      readings: [{ deviceTime: null, values: [1] }],
      refusedFields: [{ field: 't', reason: 'a time without a zone' }],
    });
  });

  it('give parts where the device tells its values one by one', () => {
    expect(decode('- { value: { quantity: pv.power } }', '1')).toMatchObject({ readings: [{ part: true }] });
    expect(decode('- { part: true, fields: { pv.power: { path: p } } }', { p: 1 })).toMatchObject({
      readings: [{ part: true }],
    });
    expect(decode('- { fields: { pv.power: { path: p } } }', { p: 1 })).toMatchObject({ readings: [{ part: false }] });
  });

  it('do not see topics that never carry a reading, nor make anything of topics of others', () => {
    const profile = profileOf('- { topic: "{name}/power", value: { quantity: pv.power } }', { ignore: '[off/power]' });
    const of = (topic: string): unknown => valuesOf(profile.decode('1', { topic, device: 'd' }));
    expect(of('a/b/power')).toEqual({ d: { 'pv.power': 1 } });
    expect(of('a/off/power')).toBe('ignored: no topic of readings');
    expect(of('a/other')).toBe('ignored: not a topic of x');
  });
});

describe('a time in ISO 8601', () => {
  it.each([
    ['2026-11-20T14:00:00Z', '2026-11-20T14:00:00.000Z'],
    ['2026-11-20 14:00:00.25+0100', '2026-11-20T13:00:00.250Z'],
    ['2026-11-20T14:00-05:30', '2026-11-20T19:30:00.000Z'],
  ])('%s is an instant', (t, at) => {
    const rules = '- { time: { path: t, unit: iso }, fields: { pv.power: { path: p } } }';
    expect(decode(rules, { p: 1, t })).toMatchObject({ readings: [{ deviceTime: Date.parse(at) }] });
  });

  it.each<Json>(['foo 2020Z', '2026-11-20', '20 Nov 2026 14:00Z', '2026-13-40T14:00Z', 'Z', '', 1_700_000_000])(
    '%j is none',
    (t) => {
      const rules = '- { time: { path: t, unit: iso }, fields: { pv.power: { path: p } } }';
      expect(decode(rules, { p: 1, t })).toMatchObject({
        readings: [{ deviceTime: null }],
        refusedFields: [{ field: 't', reason: 'not an ISO 8601 time' }],
      });
    },
  );
});
