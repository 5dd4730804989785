import { describe, expect, it } from 'vitest';
import { LineParser, type Point } from '../../../../src/simulate/dynatrace/grammar/line-parser.ts';
import { Refusal } from '../../../../src/simulate/dynatrace/grammar/refusal.ts';
import { type Rules, STRICT } from '../../../../src/simulate/dynatrace/rules.ts';

function parse(line: string, rules: Partial<Rules> = {}) {
  return new LineParser({ ...STRICT, ...rules }).parse(line);
}

function point(line: string, rules: Partial<Rules> = {}): Point {
  const parsed = parse(line, rules);
  if (parsed instanceof Refusal) throw new Error(`${line} was refused: ${parsed.text}`);
  if (parsed.kind !== 'point') throw new Error(`${line} is no data line`);
  return parsed;
}

function refusal(line: string, rules: Partial<Rules> = {}): string | null {
  const parsed = parse(line, rules);
  return parsed instanceof Refusal ? parsed.text : null;
}

const dims = (n: number): string => Array.from({ length: n }, (_, i) => `,d${i}=v`).join('');

describe('a data line', () => {
  it.each([
    ['mymetric,team=teamA,businessapp=hr 1000 1609459200000'],
    ['cpu.temperature,hostname=hostA,cpu=1 gauge,min=17.1,max=17.3,sum=34.4,count=2'],
    ['smartmeter.energy.active.import.total 52680.16'],
    ['smartmeter.power.active.saldo -0.006 1766079281000'],
    ['_key-with.sections_and-hyphens 1'],
    ['Chouette.Upper 1'],
    ['abc gauge,1.5'],
    ['abc count,delta=3'],
    ['abc 1.0e+10'],
    ['abc gauge,min=0,max=0,sum=0,count=0'],
    ['abc,a:b.c-d_1=x 1'],
    ['abc,place=Küche☀ 1'],
    [`abc${dims(50)} 1`],
    [`${'k'.repeat(250)} 1`],
    [`abc,d=${'v'.repeat(250)} 1`],
  ])('of the documented form is valid: %s', (line) => {
    expect(refusal(line)).toBeNull();
  });

  it.each([
    ['', 'unexpected end of input'],
    ['abc', 'unexpected end of input'],
    ['abc ', 'unexpected end of input'],
    ['abc,d', 'unexpected end of input'],
    ['abc,d=v', 'unexpected end of input'],
    ['abc,d="v', 'unexpected end of input'],
    ['abc gauge', 'unexpected end of input'],
    ['abc gauge,min=1,max=2', 'unexpected end of input'],
    ['ab 1', 'invalid metric key'],
    [`${'k'.repeat(251)} 1`, 'invalid metric key'],
    ['dt.mine 1', 'invalid metric key'],
    ['1abc 1', 'invalid metric key'],
    ['-abc 1', 'invalid metric key'],
    ['abc.-d 1', 'invalid metric key'],
    ['abc..d 1', 'invalid metric key'],
    ['abc. 1', 'invalid metric key'],
    ['strömung 1', 'invalid metric key'],
    ['system.load.average.1m 2.33154 1608218155858', 'invalid metric key'],
    ['abc histogram,1', "invalid metric type in message 'histogram,1'"],
    ['abc nan', "invalid metric type in message 'nan'"],
    ['abc Infinity', "invalid metric type in message 'Infinity'"],
    ['abc None', "invalid metric type in message 'None'"],
    ['abc 1e10', "invalid number in message '1e10'"],
    ['abc 1e+21', "invalid number in message '1e+21'"],
    ['abc 1.', "invalid number in message '1.'"],
    ['abc 0x10', "invalid number in message '0x10'"],
    ['abc gauge,nan', "invalid number in message 'gauge,nan'"],
    ['abc 1.0e999', 'number out of range: 1.0e999'],
    ['abc 1 now', "invalid timestamp 'now'"],
    ['abc 1 1609459200000.5', "invalid timestamp '1609459200000.5'"],
    ['abc 1 -5', "invalid timestamp '-5'"],
    ['abc 1 1609459200000 x', "invalid timestamp '1609459200000 x'"],
    ['abc 1\r', "invalid number in message '1\r'"],
    [
      'cache.size,cache=myCache,cacheManager=x 1',
      "invalid dimension key in message 'cache.size,cache=myCache,cacheM'; error at 'M'  (index 30)",
    ],
    [`abc,d=${'v'.repeat(401)} 1`, 'dimension value length exceeded: 401 > 250'],
    [`abc${dims(51)} 1`, 'dimension count exceeded: 51 > 50'],
    [`abc,${'d'.repeat(101)}=v 1`, `invalid dimension key in message 'abc,d'; error at 'd'  (index 4)`],
    [`abc 1${' '.repeat(50_000)}`, 'line length exceeded: 50005 > 50000'],
    ['abc count,delta=-1', 'negative delta: -1'],
    [
      'abc gauge,min=35.689672,max=35.689672,sum=35.669104,count=1',
      "inconsistent gauge fields: min <= avg <= max doesn't hold: min: 35.689672, max: 35.689672, sum: 35.669104, count: 1, avg: 35.669104, tolerance: 0.000001",
    ],
    [
      'abc gauge,min=0,max=1642,sum=0,count=0',
      'inconsistent gauge fields: count == 0 => min, max, sum == 0: min: 0.000000, max: 1642.000000, sum: 0.000000, count: 0',
    ],
  ])('is refused with the text the API is known to use: %s', (line, text) => {
    expect(refusal(line)).toBe(text);
  });

  it.each([
    ['abc  1'],
    ['abc,d=a=b 1'],
    ['abc,d=a\\b 1'],
    ['abc,d="a"b 1'],
    ['abc\t1'],
    ['abc gauge,max=1,min=1,sum=1,count=1'],
    ['abc,,d=v 1'],
    ['abc,1d=v 1'],
  ])('is refused where the grammar has no place for it: %s', (line) => {
    expect(refusal(line)).not.toBeNull();
  });

  it('holds min <= avg <= max within the tolerance of a millionth', () => {
    expect(refusal('abc gauge,min=1,max=1,sum=1.0000009,count=1')).toBeNull();
    expect(refusal('abc gauge,min=1,max=1,sum=0.9999991,count=1')).toBeNull();
    expect(refusal('abc gauge,min=1,max=1,sum=1.0000021,count=1')).toContain('inconsistent gauge fields');
    expect(refusal('abc gauge,min=1,max=1,sum=0.9999979,count=1')).toContain('inconsistent gauge fields');
  });

  it('gives the value part and the time', () => {
    expect(point('abc 5').value).toEqual({ type: 'gauge', min: 5, max: 5, sum: 5, count: 1, at: null, text: '5' });
    expect(point('abc gauge,min=1,max=3,sum=4,count=2 1609459200000').value).toEqual({
      type: 'gauge',
      min: 1,
      max: 3,
      sum: 4,
      count: 2,
      at: 1609459200000,
      text: 'gauge,min=1,max=3,sum=4,count=2',
    });
    expect(point('abc count,delta=7').value).toMatchObject({ type: 'count', sum: 7 });
  });

  it('undoes quotes and escapes in dimension values', () => {
    const quoted = point('workHours,team="devops\\\\bugfixing",project="\\"product\\"_improvement" 1000');
    expect(quoted.head.dimensions).toEqual({ team: 'devops\\bugfixing', project: '"product"_improvement' });
    expect(point('abc,d=a\\ b\\,c\\=d\\"e\\\\f 1').head.dimensions).toEqual({ d: 'a b,c=d"e\\f' });
    expect(point('abc,d="with space, comma = sign" 1').head.dimensions).toEqual({ d: 'with space, comma = sign' });
  });

  it('is the same series however its dimensions are ordered and quoted, without the empty ones', () => {
    const series = point('abc,a=1,b=2 1').head.series;
    expect(point('abc,b="2",a=1,c=,d="" 1').head.series).toBe(series);
    expect(point('abc,a=1 1').head.series).not.toBe(series);
  });

  it('keeps the last of two dimensions with one key, or the first', () => {
    expect(point('abc,a=1,a=2 1').head.dimensions).toEqual({ a: '2' });
    expect(point('abc,a=1,a=2 1', { duplicateDimensions: 'first' }).head.dimensions).toEqual({ a: '1' });
  });

  it('is judged the same when its head was met before', () => {
    const parser = new LineParser(STRICT);
    const first = parser.parse('abc,a=1 1');
    expect(parser.parse('abc,a=1 1')).toEqual(first);
    expect(parser.parse('abc,a=1 x')).toBeInstanceOf(Refusal);
    expect(parser.parse('abc,a="1 1')).toBeInstanceOf(Refusal);
    expect(parser.parse('abc,a="1 2" 1')).toMatchObject({ head: { dimensions: { a: '1 2' } } });
  });

  it('is judged by the switches', () => {
    expect(refusal('system.load.1m 1', { digitSections: 'valid' })).toBeNull();
    expect(refusal('abc 1e10', { bareExponents: 'valid' })).toBeNull();
    expect(refusal('abc count,delta=-1', { negativeDeltas: 'valid' })).toBeNull();
    expect(refusal(`${'k'.repeat(255)} 1`, { keyLimit: 255 })).toBeNull();
    expect(refusal(`abc,d=${'v'.repeat(255)} 1`, { dimensionValueLimit: 255 })).toBeNull();
  });
});

describe('a metadata line', () => {
  it('gives unit, display name and description, quoted or bare', () => {
    expect(parse('#abc.def gauge dt.meta.displayName="Power, total", dt.meta.unit=kW,dt.meta.description=x')).toEqual({
      kind: 'metadata',
      metadata: {
        key: 'abc.def',
        type: 'gauge',
        displayName: 'Power, total',
        unit: 'kW',
        description: 'x',
        warning: null,
      },
    });
    expect(parse('#abc count dt.meta.displayname="a \\"b\\""')).toMatchObject({ metadata: { displayName: 'a "b"' } });
  });

  it('loses a unit outside the pattern, with a warning', () => {
    expect(parse('#abc gauge dt.meta.unit=°C')).toMatchObject({ metadata: { warning: "invalid unit '°C'" } });
  });

  it.each([
    ['#abc'],
    ['#abc gauge'],
    ['#abc gauge dt.meta.unit='],
    ['#abc gauge dt.meta.unit=kW,'],
    ['#abc histogram dt.meta.unit=kW'],
    ['#abc gauge dt.meta.colour=red'],
    ['#1abc gauge dt.meta.unit=kW'],
    ['#abc gauge dt.meta.displayName=two words'],
  ])('is refused when it is none: %s', (line) => {
    expect(refusal(line)).not.toBeNull();
  });
});
