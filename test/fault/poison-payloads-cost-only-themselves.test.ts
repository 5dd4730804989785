import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Json } from '../../src/devices/profile.ts';
import { PROFILES } from '../../src/devices/registry.ts';
import { intakeBench, watch } from '../support/intake-bench.ts';
import { settled } from '../support/stepped-clock.ts';

const KEYS = ['1.8.0', '1_8_0', '1.7.0', 'saldo', 'time', 'serialnumber', 'error', '__proto__', 'constructor', 'a'];
const VALUES = fc.oneof(
  fc.constantFrom<string>(
    '1e999',
    '-1e999',
    '1e15',
    '9'.repeat(30),
    '-0',
    'true',
    'null',
    '"12"',
    '"NaN"',
    '"unbekannt"',
  ),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
  fc.jsonValue({ maxDepth: 2 }).map((value) => JSON.stringify(value)),
);
/** Text that looks like a meter's, written by hand so that a key may come twice and numbers may overflow. */
const NEARLY_AMIS = fc
  .array(fc.tuple(fc.constantFrom(...KEYS), VALUES), { maxLength: 8 })
  .map((pairs) => `{${pairs.map(([key, value]) => `"${key}":${value}`).join(',')}}`);
const BYTES = fc.oneof(
  fc.uint8Array({ maxLength: 200 }),
  fc.json().map((text) => new TextEncoder().encode(text)),
  NEARLY_AMIS.map((text) => new TextEncoder().encode(text)),
  fc.tuple(NEARLY_AMIS, fc.nat(60)).map(([text, cut]) => new TextEncoder().encode(text.slice(0, cut))),
);
const MESSAGE = fc.record({
  bytes: BYTES,
  topic: fc.string({ unit: 'binary', maxLength: 300 }),
  retained: fc.boolean(),
  waited: fc.boolean(),
  qos: fc.constantFrom<0 | 1>(0, 1),
});

const PROFILE = fc.constantFrom(
  PROFILES.amis({}),
  PROFILES.amis({ saldo: 'export' }),
  PROFILES.json({
    fields: { x: { path: 'a', factor: 1e10 }, y: { path: '__proto__.a', factor: -1 } },
    time: { path: 'time', unit: 's' },
  }),
);

it('whatever arrives is counted once and acknowledged, and no value is anything but a finite number', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(MESSAGE, { maxLength: 20 }),
      PROFILE,
      fc.boolean(),
      async (messages, profile, confirmed) => {
        const { inlet, payload, queue, intake, clock } = intakeBench();
        if (!confirmed) clock.state = 'unconfirmed';
        const meter = inlet({ profile, device: '{1}' });
        const outcomes = messages.map(({ bytes, ...rest }) => watch(meter.accept(payload(bytes, rest))));
        await intake.stop();
        await settled();

        expect(outcomes.filter(({ state }) => state !== 'resolved')).toEqual([]);
        const { used, refused, ignored } = queue.totals;
        expect(used + refused + ignored).toBe(messages.length);
        for (const { readings, counts, deviceTime } of queue.committed) {
          expect(deviceTime.every((at) => Number.isNaN(at) || Math.abs(at) <= 8.64e15)).toBe(true);
          expect(readings.values.every(Number.isFinite)).toBe(true);
          expect(readings.at.every(Number.isSafeInteger)).toBe(true);
          for (const { device } of readings.origins) expect(device).toMatch(/^[^\p{Cc}]{1,250}$/u);
          for (const { lastRefusal } of counts) expect(lastRefusal?.reason ?? '').toMatch(/^[^\p{Cc}]{0,200}$/u);
        }
      },
    ),
    { numRuns: 300 },
  );
});

it('a profile answers any JSON with finite values or a reason', () => {
  fc.assert(
    fc.property(fc.jsonValue(), PROFILE, (value, profile) => {
      const decoded = profile.decode(value as Json, { topic: 't', device: 'd' });
      const readings = decoded.kind === 'readings' ? decoded.readings : [];
      const values = decoded.kind === 'readings' ? readings.flatMap((reading) => reading.values) : [0];
      const reason = decoded.kind === 'readings' ? 'a reading' : decoded.reason;
      expect(values.length).toBeGreaterThan(0);
      expect(values.every(Number.isFinite)).toBe(true);
      expect(reason).not.toBe('');
    }),
    { numRuns: 1_000 },
  );
});

it('a flood of bracket bombs is refused without building any of them', async () => {
  const { inlet, payload, queue, intake } = intakeBench();
  const meter = inlet();
  const bomb = payload('[{"a":'.repeat(10_000));
  const outcomes = Array.from({ length: 100 }, () => watch(meter.accept(bomb)));
  await intake.flush();
  await settled();
  expect(outcomes.every(({ state }) => state === 'resolved')).toBe(true);
  expect(queue.totals).toMatchObject({ used: 0, refused: 100 });
});
