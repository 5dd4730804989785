/**
 * From stored readings to the text on the wire and back, through the code that does it: fold, encoders, and for the way back the
 * stand-in's strict grammar, which shares nothing with them. Names and numbers are the worst a queue can hold.
 */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { itemsOf, type Items } from '../../src/dispatch/items.ts';
import { ColumnsBuilder, type ReadingColumns } from '../../src/model/reading-columns.ts';
import { QUANTITIES, quantityDefinition } from '../../src/model/quantity.ts';
import { MINUTE, minuteOf } from '../../src/model/time.ts';
import { LineParser, type Point } from '../../src/simulate/dynatrace/grammar/line-parser.ts';
import { STRICT } from '../../src/simulate/dynatrace/rules.ts';
import { dimensionValue } from '../../src/sinks/dynatrace/dimensions.ts';
import type { Sink } from '../../src/sinks/sink.ts';
import { dynatraceSink } from '../support/dynatrace-sink.ts';
import { rounds, within } from '../support/fault-report.ts';

const T0 = Date.UTC(2026, 10, 20, 14);
const NAMES = fc.oneof(
  // So that readings of one device meet in a minute.
  { weight: 3, arbitrary: fc.constant('meter') },
  fc.string({ unit: 'binary', minLength: 1, maxLength: 300 }),
  fc.string({
    unit: fc.constantFrom('"', '\\', '\n', '\r', '\u2028', ',', '=', ' ', '#', '\uD800', '😀'),
    minLength: 1,
  }),
  fc.constantFrom('meter', '__proto__', 'constructor', '"', '\\', 'gauge,1', '\u0000', 'a'.repeat(300)),
);
const NUMBERS = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.double({ min: -1e15, max: 1e15, noNaN: true }),
  fc.integer(),
  fc.constantFrom(
    -0,
    0,
    5e-324,
    -2.2250738585072014e-308,
    1.7976931348623157e308,
    2 ** 53 + 2,
    1e21,
    -1e-7,
    0.1,
    1e15 + 0.3,
  ),
  fc.constantFrom(NaN, Infinity, -Infinity),
);
const KNOWN = QUANTITIES.map(({ name }) => name);
const QUANTITY = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom(...KNOWN) },
  fc.constantFrom('of.a.newer.version', '__proto__', 'a b', ''),
);
const READINGS = fc.array(
  fc.record({
    device: NAMES,
    at: fc.oneof(
      { weight: 9, arbitrary: fc.integer({ min: T0, max: T0 + 3 * MINUTE }) },
      fc.constantFrom(0, -1, 1e300, NaN),
    ),
    values: fc.array(fc.tuple(QUANTITY, NUMBERS), { minLength: 1, maxLength: 5 }),
  }),
  { minLength: 1, maxLength: 12 },
);
type Given = typeof READINGS extends fc.Arbitrary<infer T> ? T : never;

/** As a claim has them: a minute's readings stand together. */
function columnsOf(readings: Given): ReadingColumns {
  const builder = new ColumnsBuilder();
  for (const [i, { device, at, values }] of readings.toSorted((a, b) => minuteOf(a.at) - minuteOf(b.at)).entries()) {
    const unique = new Map(values);
    builder.add({ device, serial: null, source: 'meter' }, at, [...unique.keys()], [...unique.values()], i + 1);
  }
  return builder.take();
}

/** Null: it has a reason instead. */
function textsOf(items: Items): (string | null)[] {
  return Array.from({ length: items.length }, (_, i) => {
    const text = items.text(i);
    if (typeof text === 'string') return text;
    expect(text.reason).not.toBe('');
    return null;
  });
}

function pointsOf(items: Items): (Point | null)[] {
  const parser = new LineParser(STRICT);
  const texts = textsOf(items);
  const lines = texts.filter((text) => text !== null);
  expect(lines.join('\n').split('\n').slice(0, lines.length)).toEqual(lines);
  return texts.map((text) => {
    if (text === null) return null;
    expect(Buffer.from(text).toString()).toBe(text);
    const line = parser.parse(text);
    if (!('kind' in line) || line.kind !== 'point') throw new Error(`${JSON.stringify(line)}: ${text}`);
    return line;
  });
}

const SINKS: readonly Sink[] = [
  dynatraceSink('http://127.0.0.1:1', { resolution: 'raw' }),
  dynatraceSink('http://127.0.0.1:1', { resolution: 'minute', dimensions: { site: '"\n\\', 'a.b': '=,' } }),
];

describe('a metric line', () => {
  it('of a single value says device, quantity, value and time; what it cannot say has a reason', within(60_000), () => {
    const [sink] = SINKS;
    const [route] = sink?.routes ?? [];
    if (sink === undefined || route === undefined) throw new Error('no route');
    fc.assert(
      fc.property(READINGS, (readings) => {
        const columns = columnsOf(readings);
        const items = itemsOf(columns, route, 'raw');
        expect(items).toHaveLength(columns.values.length);
        for (const [i, point] of pointsOf(items).entries()) {
          const [draft] = items.drafts(i, 'why');
          const [at = NaN, value = NaN] = draft?.samples[0] ?? [];
          const definition = quantityDefinition(draft?.quantity ?? '');
          const sayable = definition !== undefined && Number.isFinite(value) && at >= T0 && at < T0 + MINUTE * 4;
          expect(point !== null).toBe(sayable);
          if (point === null) continue;
          expect(point.head.key).toBe(definition?.metricKey);
          expect(point.head.dimensions['device'] ?? '').toBe(dimensionValue(draft?.device ?? ''));
          expect(point.value).toMatchObject({ at, count: 1, sum: value / (definition?.divisor ?? 1) + 0 });
        }
      }),
      { numRuns: rounds(300) },
    );
  });

  it(
    'of a folded minute passes the server’s own check of its sums, and takes in every value that is a number',
    within(60_000),
    () => {
      const [, sink] = SINKS;
      const [route] = sink?.routes ?? [];
      if (sink === undefined || route === undefined) throw new Error('no route');
      fc.assert(
        fc.property(READINGS, (readings) => {
          const columns = columnsOf(readings);
          const items = itemsOf(columns, route, 'minute');
          const points = pointsOf(items);
          let accounted = 0;
          for (const [i, point] of points.entries()) {
            const drafts = items.drafts(i, 'why');
            const values = drafts.flatMap(({ samples }) => samples.map(([, value]) => value));
            accounted += values.length;
            const isState = quantityDefinition(drafts[0]?.quantity ?? '')?.kind === 'state';
            // Of states the newest stands alone.
            const counted = isState ? 1 : values.length;
            expect(point?.value.count ?? counted).toBe(counted);
            // One that is no number is alone, so that it takes no other with it.
            expect(values.length === 1 || values.every(Number.isFinite)).toBe(true);
          }
          expect(accounted).toBe(columns.values.length);
          expect(items.first.every((reading, i) => i === 0 || reading >= (items.first[i - 1] ?? 0))).toBe(true);
        }),
        { numRuns: rounds(300) },
      );
    },
  );
});

it('an event is one JSON object per reading that says every finite value of it', within(60_000), () => {
  const [sink] = SINKS;
  const route = sink?.routes.at(1);
  if (route === undefined) throw new Error('no late route');
  fc.assert(
    fc.property(READINGS, (readings) => {
      const columns = columnsOf(readings);
      const items = itemsOf(columns, route, 'raw');
      expect(items).toHaveLength(columns.length);
      const texts = textsOf(items);
      const sent = texts.filter((text) => text !== null);
      const events = JSON.parse(`[${sent.join(',')}]`) as Record<string, unknown>[];
      expect(events).toHaveLength(sent.length);
      for (const [i, text] of texts.entries()) {
        if (text === null) continue;
        const event = JSON.parse(text) as Record<string, unknown>;
        expect(event['timestamp']).toBe(new Date(items.at(i)).toISOString());
        for (const { quantity, samples } of items.drafts(i, 'why')) {
          const definition = quantityDefinition(quantity);
          const [, value = NaN] = samples[0] ?? [];
          const said = Object.entries(event).find(([key]) => key === (definition?.metricKey ?? quantity))?.[1];
          expect(said).toBe(Number.isFinite(value) ? value / (definition?.divisor ?? 1) + 0 : undefined);
        }
      }
    }),
    { numRuns: rounds(300) },
  );
});
