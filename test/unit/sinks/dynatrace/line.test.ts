import {
  array,
  assert as check,
  boolean as anyBoolean,
  constantFrom,
  dictionary,
  double as anyDouble,
  integer,
  oneof,
  property,
  string as anyString,
} from 'fast-check';
import { describe, expect, it } from 'vitest';
import { QUANTITIES } from '../../../../src/model/quantity.ts';
import type { Sample } from '../../../../src/model/sample.ts';
import { dimensionKey, dimensionsOf } from '../../../../src/sinks/dynatrace/dimensions.ts';
import { LineEncoder } from '../../../../src/sinks/dynatrace/line.ts';
import { numberText } from '../../../../src/sinks/dynatrace/number-text.ts';
import { decode } from '../../../support/line-protocol.ts';

const AT = 1_766_079_281_000;

function sample(value: number, changes: Partial<Sample> = {}): Sample {
  const one = { min: value, max: value, sum: value, count: 1 };
  return { device: 'grid-meter', quantity: 'power.active.import', at: AT, ...one, ...changes };
}

function fold(values: readonly number[]): Sample {
  const [min, max, sum] = [Math.min(...values), Math.max(...values), values.reduce((a, b) => a + b, 0)];
  return sample(0, { min, max, sum, count: values.length });
}

const encode = (given: Sample, dimensions: Record<string, string> = {}): string =>
  new LineEncoder(dimensions).sample(given) ?? 'null';

function deviceOf(device: string): string {
  return decode(encode(sample(1, { device }))).dimensions.get('device') ?? '';
}

function health(key: string, value = 3): string | null {
  return new LineEncoder({ site: 'home' }).health({ key, value, dimensions: { sink: 'dt "1"' } });
}

describe('a metric line', () => {
  it('is what the documentation says, with device, the configured dimensions and the source', () => {
    expect(encode(sample(501), { Site: 'home' })).toBe(
      'smartmeter.power.active.import,device="grid-meter",dt.metrics.source="energy-gateway",site="home" gauge,0.501 1766079281000',
    );
  });

  it('renders the conformance vectors of the existing installation: keys exact, values equal', () => {
    const vectors: Record<string, [number, string, number]> = {
      'energy.active.import': [52_680_160, 'smartmeter.energy.active.import.total', 52_680.16],
      'energy.active.export': [22_571_990, 'smartmeter.energy.active.export.total', 22_571.99],
      'energy.reactive.import': [1_429_460, 'smartmeter.energy.reactive.import.total', 1_429.46],
      'energy.reactive.export': [3_086_146, 'smartmeter.energy.reactive.export.total', 3_086.146],
      'power.active.import': [501, 'smartmeter.power.active.import', 0.501],
      'power.active.export': [507, 'smartmeter.power.active.export', 0.507],
      'power.reactive.import': [0, 'smartmeter.power.reactive.import', 0],
      'power.reactive.export': [256, 'smartmeter.power.reactive.export', 0.256],
      'energy.inkasso': [0, 'smartmeter.inkasso', 0],
      'power.active.saldo': [-6, 'smartmeter.power.active.saldo', -0.006],
    };
    for (const [quantity, [stored, key, sent]] of Object.entries(vectors))
      expect(decode(encode(sample(stored, { quantity })))).toMatchObject({ key, sum: sent, at: AT });
    expect(decode(encode(sample(1))).sum).toBe(0.001);
    // 9 × 0.001 is 0.009000000000000001; 9 / 1000 is not.
    expect(encode(sample(9))).toContain(' gauge,0.009 ');
    expect(decode(encode(sample(-20, { quantity: 'energy.inkasso' }))).sum).toBe(-20);
    expect(decode(encode(sample(12, { quantity: 'energy.active.import' }))).sum).toBe(0.012);
  });

  it('says every finite number in plain digits that parse back to it', () => {
    check(
      property(anyDouble({ noNaN: true, noDefaultInfinity: true }), (value) => {
        expect(numberText(value)).toMatch(/^-?\d+(\.\d+)?$/);
        expect(Number(numberText(value))).toBe(value === 0 ? 0 : value);
      }),
    );
    expect([1e21, -1.5e21, 1e-7, 1.25e-7, -0, 501 / 1000].map(numberText)).toEqual([
      '1000000000000000000000',
      '-1500000000000000000000',
      '0.0000001',
      '0.000000125',
      '0',
      '0.501',
    ]);
  });

  it('is one line that says what went in, whatever devices and dimensions are called', () => {
    const text = oneof(
      anyString({ unit: 'binary', maxLength: 300 }),
      anyString({
        unit: constantFrom('"', '\\', '\n', '\r', '\u2028', ',', '=', ' ', '\uD800', '😀'),
        maxLength: 300,
      }),
      constantFrom('\uD800', 'a\uDC00b', '\u0000', '#x', '__proto__'),
    );
    check(
      property(text, dictionary(text, text, { maxKeys: 60 }), (device, dimensions) => {
        const line = encode(sample(501, { device }), dimensions);
        const { dimensions: read, sum, at } = decode(line);
        expect({ sum, at }).toEqual({ sum: 0.501, at: AT });
        expect(Buffer.from(line).toString()).toBe(line);
        expect([...read]).toEqual(dimensionsOf({ device, 'dt.metrics.source': 'energy-gateway' }, dimensions));
        const shown = device.replaceAll(/[\p{Cc}\p{Cs}\u2028\u2029]/gu, '');
        const said = read.get('device') ?? '';
        expect(shown.length <= 120 ? said === shown : said.length > 100 && shown.startsWith(said)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it('cuts a long dimension value by character, never inside an escape', () => {
    expect(deviceOf('"'.repeat(200))).toBe('"'.repeat(124));
    expect(deviceOf('😀'.repeat(200))).toBe('😀'.repeat(124));
    expect(deviceOf(`${'a'.repeat(247)}\\b`)).toBe('a'.repeat(247));
    expect(deviceOf('a'.repeat(248))).toBe('a'.repeat(248));
  });

  it('cannot lose its device to a configured dimension', () => {
    const dimensions = { Device: 'other', DEVICE: 'other', 'dt.metrics.source': 'other' };
    expect(decode(encode(sample(1), dimensions)).dimensions).toEqual(
      new Map([
        ['device', 'grid-meter'],
        ['dt.metrics.source', 'energy-gateway'],
      ]),
    );
    expect(decode(encode(sample(1, { device: '\n' }), dimensions)).dimensions.has('device')).toBe(false);
  });

  it('brings dimension keys into the allowed characters', () => {
    const given = ['Site', '~0#Key', '000', '.a..b.', 'größe', '', '...', '-x', 'a.0', 'x'.repeat(200)];
    expect(given.map(dimensionKey)).toEqual([
      'site',
      '_0_key',
      '_00',
      'a.b',
      'gr_e',
      '',
      '',
      '_x',
      'a._',
      'x'.repeat(100),
    ]);
  });

  it('of a fold holds min ≤ sum/count ≤ max as the server computes it', () => {
    const value = oneof(
      integer({ min: -100_000, max: 100_000_000 }),
      anyDouble({ min: -1e15, max: 1e15, noNaN: true }),
      constantFrom(0.1, 35.689_672, 1e15 + 1),
    );
    check(
      property(array(value, { minLength: 2, maxLength: 60 }), anyBoolean(), (values, same) => {
        const folded = fold(same ? values.map(() => values[0] ?? 0) : values);
        const { min, max, sum, count } = decode(encode(folded));
        expect(count).toBe(values.length);
        expect(sum / count).toBeGreaterThanOrEqual(min);
        expect(sum / count).toBeLessThanOrEqual(max);
        expect(sum).toBe(folded.sum / 1000 === 0 ? 0 : folded.sum / 1000);
        expect(Math.abs(min - folded.min / 1000)).toBeLessThanOrEqual(Math.abs(min) * 1e-9);
      }),
    );
    expect(encode(fold([500, 501, 503]))).toContain(' gauge,min=0.5,max=0.503,sum=1.504,count=3 1766079281000');
  });

  it('does not exist for an unknown quantity or a value that is no finite number', () => {
    expect(encode(sample(1, { quantity: 'weather' }))).toBe('null');
    expect([Number.NaN, Number.POSITIVE_INFINITY].map((value) => encode(sample(value)))).toEqual(['null', 'null']);
  });

  it('with an impossible time or fold is our mistake and throws', () => {
    for (const at of [Number.NaN, 0, 1_766_079_281, 1_766_079_281_000_000])
      expect(() => encode(sample(1, { at }))).toThrow('not a time');
    expect(() => encode(sample(1, { count: 2, sum: 5, max: 2 }))).toThrow('not a fold');
    expect(() => encode(sample(1, { count: 0 }))).toThrow('not a count');
  });

  it('exists for every quantity of the catalogue', () => {
    for (const { name, metricKey } of QUANTITIES)
      expect(decode(encode(sample(1, { quantity: name }))).key).toBe(metricKey);
  });

  it('of the gateway itself has no time, because it is true now', () => {
    expect(decode(health('gateway.queue.pending') ?? '')).toMatchObject({ sum: 3, at: null });
    expect(decode(health('gateway.queue.pending') ?? '').dimensions.get('sink')).toBe('dt "1"');
    expect(health('gateway.queue.pending', Number.NaN)).toBeNull();
    for (const key of ['a b', 'a.0b', 'dt.x', '', 'x'.repeat(251), 'a\n'])
      expect(() => health(key)).toThrow('metric key');
  });
});
