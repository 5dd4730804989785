import * as fc from 'fast-check';
import { expect } from 'vitest';
import { HOUR, MINUTE, SECOND } from '../../../src/model/time.ts';
import type { Appended, SourceCounts } from '../../../src/queue/queue.ts';
import { appendOf, type TestReading } from '../../support/queue-readings.ts';
import type { QueueModel } from '../queue.model.ts';
import type { RealQueue } from '../real-queue.ts';
import { followEviction } from './evict.ts';
import { labelled, step, type Step } from './step.ts';

const DEVICES = [
  { device: 'meter', serial: null, source: 'mqtt' },
  { device: 'meter', serial: '4711', source: 'mqtt' },
  { device: 'roof', serial: null, source: 'roof' },
] as const;

const QUANTITIES = ['power.active.import', 'power.active.export', 'energy.active.import'] as const;
/** Two and a half kilobytes. */
const WIDE = Array.from({ length: 300 }, (_, i) => `q.${i}`);

const ago = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 0, max: 4 * MINUTE }) },
  { weight: 2, arbitrary: fc.integer({ min: 50 * MINUTE, max: 70 * MINUTE }) },
  { weight: 1, arbitrary: fc.integer({ min: 22 * HOUR, max: 25 * HOUR }) },
);

export const reading = fc.record({
  device: fc.nat(DEVICES.length - 1),
  shape: fc.nat(QUANTITIES.length),
  agoMs: ago,
  /** The device's own time: none, believed, or not believed. */
  deviceTime: fc.constantFrom('none', 'none', 'at', 'astray', 'wild'),
  kind: fc.constantFrom('known', 'known', 'known', 'known', 'unknown', 'deviceOnly'),
  /** Came in the same message as the one before. */
  joins: fc.nat(4).map((n) => n === 0),
  /** One that came before, once more. */
  copies: fc.option(fc.nat(), { freq: 6 }),
});
type Drawn = typeof reading extends fc.Arbitrary<infer T> ? T : never;

const counts = fc.record({ refused: fc.nat(2), ignored: fc.nat(2), refusedFields: fc.nat(2) });

export const append = fc
  .record({ readings: fc.array(reading, { maxLength: 8 }), counts })
  .map(({ readings, counts }): Step =>
    step(labelled('append', { readings, counts }), (model, real) => {
      const messages = drawn(readings, model, false);
      appendTo(model, real, messages, [{ source: 'mqtt', ...counts, lastRefusal: null }]);
    }),
  );

/** Much at once: only a small budget notices. */
export const appendMuch = fc
  .record({ count: fc.integer({ min: 10, max: 40 }), agoMs: ago, isFull: fc.boolean() })
  .map(({ count, agoMs, isFull }): Step =>
    step(labelled('appendMuch', { count, agoMs, isFull }), (model, real) => {
      const many = Array.from({ length: count }, (_, i): Drawn => ({
        device: i % DEVICES.length,
        shape: 0,
        agoMs: agoMs + (i % 3) * MINUTE,
        deviceTime: i % 2 === 0 ? 'at' : 'astray',
        kind: 'known',
        joins: false,
        copies: null,
      }));
      const readings = drawn(many, model, real.isSmall);
      if (isFull && real.isSmall) appendToFull(model, real, readings);
      else appendTo(model, real, readings);
    }),
  );

/** As the intake would hand them over at this moment. */
export function drawn(readings: readonly Drawn[], model: QueueModel, isWide: boolean): TestReading[] {
  const result: TestReading[] = [];
  let message = -1;
  for (const { device, shape, agoMs, deviceTime, kind, joins, copies } of readings) {
    message += joins && message >= 0 ? 0 : 1;
    const receivedAt = model.now + model.clockError;
    const stored = copies === null ? undefined : model.readings[copies % model.readings.length];
    const number = ++model.numbered;
    const given = deviceTimeOf(deviceTime, receivedAt, agoMs);
    const isKnownBy = kind === 'known' && (deviceTime === 'at' || deviceTime === 'none');
    const fresh: TestReading = {
      ...(DEVICES[device] ?? DEVICES[0]),
      at: isKnownBy ? receivedAt - agoMs : receivedAt,
      receivedAt,
      mono: model.mono,
      ...(given === null ? {} : { deviceTime: given }),
      values: valuesOf(number, isWide ? WIDE : QUANTITIES.slice(0, shape + 1)),
      timeUnknown: kind === 'unknown',
      onlyDeviceTime: kind === 'deviceOnly' && !model.stretch.confirmed,
      message,
    };
    const { device: name = '', serial = null, values = {}, deviceTime: copied } = stored ?? {};
    const isCopy = copied !== undefined;
    result.push(isCopy ? { ...fresh, device: name, serial, values, deviceTime: copied } : fresh);
  }
  return result;
}

/** Appends to both. */
export function appendTo(
  model: QueueModel,
  real: RealQueue,
  readings: readonly TestReading[],
  counts: readonly SourceCounts[] = [],
): void {
  const appended = real.store.append(appendOf(readings, counts));
  expect(appended).toEqual(model.append(readings, counts));
  real.did.readings += appended.readings;
}

/** The same where the file may not grow: with too little to remove nothing is stored, and the intake tries again later. */
function appendToFull(model: QueueModel, real: RealQueue, readings: readonly TestReading[]): void {
  let appended: Appended | null = null;
  try {
    appended = real.atItsLimit(() => real.store.append(appendOf(readings)));
  } catch (error) {
    expect(error).toMatchObject({ code: 'SQLITE_FULL' });
  }
  const { evicted } = followEviction(model, real);
  if (appended === null) return appendTo(model, real, readings);
  expect(appended).toEqual({ ...model.append(readings, []), evicted });
  real.did.readings += appended.readings;
}

function deviceTimeOf(kind: Drawn['deviceTime'], receivedAt: number, agoMs: number): number | null {
  if (kind === 'none') return null;
  if (kind === 'at') return receivedAt - agoMs;
  return kind === 'astray' ? receivedAt - 90 * SECOND : receivedAt - 400 * 24 * HOUR;
}

/** Not integers of few bits where there are many: those take no room. */
function valuesOf(number: number, quantities: readonly string[]): Record<string, number> {
  return Object.fromEntries(quantities.map((quantity, i) => [quantity, i === 0 ? number : number + i / 3]));
}
