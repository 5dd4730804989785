import { describe, expect, it } from 'vitest';
import { createAmisProfile } from '../../../src/devices/amis.ts';
import type { Decoded, Json } from '../../../src/devices/profile.ts';
import { quantityDefinition } from '../../../src/model/quantity.ts';

const CONTEXT = { topic: 'amis/data', device: 'grid-meter' };

describe('the AMIS profile', () => {
  it('gives the metrics that existing tenants have, for their conformance message', () => {
    const message = JSON.parse(
      '{"1.8.0":52680160,"2.8.0":22571990,"3.8.1":1429460,"4.8.1":3086146,"1.7.0":501,"2.7.0":507,' +
        '"3.7.0":0,"4.7.0":256,"1.128.0":0,"saldo":-6,"time":1766079281,"serialnumber":"1234567890123"}',
    ) as Json;
    expect(lines(decode(message))).toEqual([
      'smartmeter.energy.active.import.total 52680.16',
      'smartmeter.energy.active.export.total 22571.99',
      'smartmeter.energy.reactive.import.total 1429.46',
      'smartmeter.energy.reactive.export.total 3086.146',
      'smartmeter.power.active.import 0.501',
      'smartmeter.power.active.export 0.507',
      'smartmeter.power.reactive.import 0',
      'smartmeter.power.reactive.export 0.256',
      'smartmeter.inkasso 0',
      'smartmeter.power.active.saldo -0.006',
    ]);
  });

  it.each([
    [{ '1.7.0': 1 }, ['smartmeter.power.active.import 0.001']],
    [{ '1.128.0': -20 }, ['smartmeter.inkasso -20']],
    [{ '1.8.0': null, '1.7.0': 5 }, ['smartmeter.power.active.import 0.005']],
    [{ '1.8.0': '12' }, ['smartmeter.energy.active.import.total 0.012']],
  ])('takes from %j what is usable', (message, expected) => {
    expect(lines(decode(message))).toEqual(expected);
  });

  it('refuses a boolean as a field, unlike the script it follows, and keeps the rest', () => {
    const decoded = decode({ '1.8.0': '12', '1.7.0': true });
    expect(lines(decoded)).toEqual(['smartmeter.energy.active.import.total 0.012']);
    expect(decoded).toMatchObject({ refusedFields: [{ field: '1.7.0', reason: 'a boolean, not a number' }] });
  });

  it('never invents a saldo that is absent', () => {
    expect(decode({ '1.7.0': 100, '2.7.0': 20 })).toMatchObject({
      readings: [{ quantities: ['power.active.import', 'power.active.export'] }],
    });
  });

  it('negates a saldo that is positive for export, and a zero stays zero', () => {
    const profile = createAmisProfile({ saldo: 'export' });
    expect(profile.decode({ saldo: 250 }, CONTEXT)).toMatchObject({ readings: [{ values: [-250] }] });
    expect(profile.decode({ saldo: 0 }, CONTEXT)).toMatchObject({ readings: [{ values: [0] }] });
    expect(decode({ saldo: 250 })).toMatchObject({ readings: [{ values: [250] }] });
  });

  it.each([
    ['1e999', 'not finite'],
    ['1e16', 'out of range'],
    ['-1e16', 'out of range'],
    ['null', 'null'],
    ['[]', 'not a number'],
    ['{}', 'not a number'],
    ['"1e3"', 'not a decimal number'],
    ['" 5"', 'not a decimal number'],
    ['"0x10"', 'not a decimal number'],
    ['""', 'not a decimal number'],
    ['"NaN"', 'not a decimal number'],
    [`"${'9'.repeat(400)}"`, 'not finite'],
  ])('refuses the value %s as a field: %s', (value, reason) => {
    const decoded = decode(JSON.parse(`{"2.8.0":1,"1.7.0":${value}}`) as Json);
    expect(decoded).toMatchObject({ readings: [{ values: [1] }], refusedFields: [{ field: '1.7.0', reason }] });
  });

  it.each([true, 'soon', null])('refuses the time %j as a field and reports no device time', (time) => {
    expect(decode({ '1.7.0': 1, time })).toMatchObject({
      readings: [{ deviceTime: null }],
      refusedFields: [{ field: 'time', reason: 'not a number' }],
    });
  });

  it.each([1e306, 1e18, -1e18])('takes %d for no time: no calendar reaches it, and no queue could store it', (time) => {
    expect(decode({ '1.7.0': 1, time })).toMatchObject({
      readings: [{ deviceTime: null }],
      refusedFields: [{ field: 'time', reason: 'out of range' }],
    });
  });

  it.each(['unbekannt', '', ' ', 17, null])('takes %j for no serial number', (serialnumber) => {
    expect(decode({ '1.7.0': 1, serialnumber })).toMatchObject({ readings: [{ serial: null }] });
  });

  it('takes the first of a value given in both spellings', () => {
    expect(decode({ '1.7.0': 1, '1_7_0': 2 })).toMatchObject({
      readings: [{ values: [1] }],
      refusedFields: [{ field: '1_7_0', reason: 'given twice' }],
    });
  });

  it.each([
    ['{}', 'no known field'],
    ['{"time":1766079281,"serialnumber":"1"}', 'no known field'],
    ['{"error":"No actual valid result available"}', 'the reader reports: No actual valid result available'],
    ['{"error":7}', 'no known field'],
    ['{"1.7.0":null,"time":true}', 'no usable value: 1.7.0 is refused: null'],
    ['[1,2]', 'not a JSON object'],
    ['[{"1.7.0":1}]', 'not a JSON object'],
  ])('refuses %s: %s', (text, reason) => {
    expect(decode(JSON.parse(text) as Json)).toEqual({ kind: 'refused', reason });
  });

  it('takes no harm from keys that name a prototype', () => {
    const hostile = JSON.parse(
      '{"__proto__":{"1.7.0":666,"error":"x"},"constructor":1,"toString":2,"1.8.0":3}',
    ) as Json;
    expect(decode(hostile)).toMatchObject({
      readings: [{ quantities: ['energy.active.import'], values: [3] }],
      refusedFields: [],
    });
    expect(decode(JSON.parse('{"__proto__":{"1.7.0":666}}') as Json)).toEqual({
      kind: 'refused',
      reason: 'no known field',
    });
    expect(Object.hasOwn(Object.prototype, '1.7.0')).toBe(false);
  });
});

function decode(payload: Json): Decoded {
  return createAmisProfile({ saldo: 'import' }).decode(payload, CONTEXT);
}

function lines(decoded: Decoded): string[] {
  if (decoded.kind !== 'readings') return [];
  const [{ quantities, values } = { quantities: [], values: [] }] = decoded.readings;
  return quantities.map((quantity, i) => {
    const definition = quantityDefinition(quantity);
    return `${definition?.metricKey} ${(values[i] ?? Number.NaN) / (definition?.divisor ?? Number.NaN)}`;
  });
}
