/** Captured payloads, spoilt: values of other kinds, keys gone, texts cut, topics from outer space. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createProfile } from '../../src/devices/registry.ts';
import { quantityDefinition } from '../../src/model/quantity.ts';
import { rounds, within } from '../support/fault-report.ts';
import { ANY_TOPIC, goldenFiles, PAYLOAD_PROFILE_NAMES, payloadText, profileData } from '../support/golden.ts';
import { intakeBench, watch } from '../support/intake-bench.ts';
import { settled } from '../support/stepped-clock.ts';

const ODD = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    true,
    false,
    '',
    'NaN',
    'nan',
    '-0',
    '1e999',
    '1e-7',
    '12',
    [],
    {},
    [[]],
    -1,
    0,
    65_535,
  ),
  fc.double(),
  fc.string({ maxLength: 20 }),
  fc.jsonValue({ maxDepth: 2 }),
);
const TOPIC_LEVEL = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.constantFrom('', '{device}', '..', '\n'),
);

/** Mostly nothing. */
function seldom<T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | null> {
  return fc.oneof({ arbitrary: fc.constant(null), weight: 4 }, arbitrary);
}

/** Every part of the whole alike: a double would be next to nothing nearly every time. */
const SHARE = fc.nat(999).map((thousandths) => thousandths / 1000);

/** What is wrong with a message: the node at `where` (a share of all) becomes `value`, or goes. */
const SPOILT = fc.record({
  where: SHARE,
  value: fc.option(ODD, { nil: undefined }),
  cut: seldom(SHARE),
  level: seldom(fc.tuple(fc.nat(6), TOPIC_LEVEL)),
  retained: seldom(fc.constant(true)).map((retained) => retained ?? false),
  waited: seldom(fc.constant(true)).map((waited) => waited ?? false),
});

describe.each(PAYLOAD_PROFILE_NAMES.filter((name) => name !== 'json'))('for the profile %s', (name) => {
  const profile = createProfile({ name, data: profileData(name) }, { quantities: 'all' });
  const messages = goldenFiles(name).flatMap(({ golden }) => golden.messages);

  it(
    'a spoilt payload gives finite values in known quantities, or is counted with a reason',
    within(30_000),
    async () => {
      let [readings, refusals] = [0, 0];
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.tuple(fc.constantFrom(...messages), SPOILT), { maxLength: 10 }),
          async (spoilt) => {
            const { inlet, payload, queue, intake, log } = intakeBench();
            const meter = inlet({ profile, device: 'd' });
            const outcomes = spoilt.map(
              ([{ topic = ANY_TOPIC, payload: captured }, { where, value, cut, level, ...rest }]) => {
                const text =
                  typeof captured === 'string'
                    ? spoilText(captured, value)
                    : JSON.stringify(spoil(captured, where, value));
                const bytes = new TextEncoder().encode(text);
                const cutBytes = cut === null ? bytes : bytes.subarray(0, Math.floor(cut * bytes.length));
                return watch(meter.accept(payload(cutBytes, { ...rest, topic: withLevel(topic, level) })));
              },
            );
            await intake.stop();
            await settled();

            expect(log.lines).toEqual([]);
            expect(outcomes.filter(({ state }) => state !== 'resolved')).toEqual([]);
            for (const append of queue.committed) {
              expect(append.readings.values.every(Number.isFinite)).toBe(true);
              expect(
                append.readings.shapes.flat().filter((quantity) => quantityDefinition(quantity) === undefined),
              ).toEqual([]);
              for (const { device } of append.readings.origins)
                expect(device).toMatch(/^[^\p{Cc}\u2028\u2029]{1,250}$/u);
              for (const { refused, lastRefusal } of append.counts)
                expect(lastRefusal?.reason ?? '').toMatch(refused > 0 ? /./ : /^$/);
              readings += append.readings.length;
              refusals += append.counts.reduce((sum, { refused, ignored }) => sum + refused + ignored, 0);
            }
            const { used, refused, ignored } = queue.totals;
            const merged = queue.committed
              .flatMap(({ counts }) => counts)
              .reduce((sum, counts) => sum + (counts.merged ?? 0), 0);
            expect(used + merged + refused + ignored).toBe(spoilt.length);
          },
        ),
        { numRuns: rounds(60) },
      );
      expect(readings).toBeGreaterThan(0);
      expect(refusals).toBeGreaterThan(0);
    },
  );
});

/** The payload with one of its nodes, counted as they are met, replaced or taken away. */
function spoil(payload: unknown, where: number, value: unknown): unknown {
  const target = Math.floor(where * countOf(payload));
  let met = -1;
  const visit = (node: unknown): unknown => {
    met += 1;
    if (met === target) return value;
    if (Array.isArray(node)) return node.map(visit);
    if (typeof node !== 'object' || node === null) return node;
    return Object.fromEntries(Object.entries(node).map(([key, child]) => [key, visit(child)]));
  };
  return visit(payload) ?? null;
}

function countOf(node: unknown): number {
  if (typeof node !== 'object' || node === null) return 1;
  return Object.values(node).reduce<number>((sum, child) => sum + countOf(child), 1);
}

function spoilText(text: string, value: unknown): string {
  return value === undefined ? text : payloadText(value);
}

function withLevel(topic: string, level: readonly [number, string] | null): string {
  if (level === null) return topic;
  const levels = topic.split('/');
  levels[level[0] % levels.length] = level[1];
  return levels.join('/');
}
