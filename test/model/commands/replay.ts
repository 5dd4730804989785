import * as fc from 'fast-check';
import { expect } from 'vitest';
import { HOUR, MINUTE } from '../../../src/model/time.ts';
import type { ReplayRequest } from '../../../src/queue/inspector.ts';
import type { QueueModel } from '../queue.model.ts';
import type { RealQueue } from '../real-queue.ts';
import { planOf } from '../replay.model.ts';
import { labelled, step, type Step } from './step.ts';

const asked = fc.record({
  /** From before which stored reading on. */
  nth: fc.nat(),
  beforeMs: fc.nat(2 * MINUTE),
  lengthMs: fc.oneof(fc.integer({ min: 1, max: 10 * MINUTE }), fc.constant(26 * HOUR)),
  device: fc.option(fc.constantFrom('meter', 'roof'), { freq: 3 }),
  wholeMinutes: fc.boolean(),
});
type Drawn = typeof asked extends fc.Arbitrary<infer T> ? T : never;

/** A person asks for a backfill of what is stored. */
export const queueReplay = asked.map((drawn): Step =>
  step(labelled('queueReplay', drawn), (model, real) => queueBoth(drawn, model, real)),
);

function queueBoth({ nth, beforeMs, lengthMs, device, wholeMinutes }: Drawn, model: QueueModel, real: RealQueue): void {
  const from = (model.readings[nth % model.readings.length]?.at ?? model.now) - beforeMs;
  const to = from + lengthMs;
  const sinks = model.sinks.filter(({ removed }) => !removed);
  const windows = sinks.map(({ name, routes }) => [
    name,
    routes.map(({ name: route, behindMs }) => ({ route, behindMs })),
  ]);
  const request: ReplayRequest = {
    from,
    to,
    wholeMinutes,
    now: model.now,
    windows: Object.fromEntries(windows),
    ...(device === null ? {} : { device }),
  };
  const resolved = wholeMinutes
    ? { ...request, from: Math.floor(from / MINUTE) * MINUTE, to: Math.ceil(to / MINUTE) * MINUTE }
    : request;
  const replays = sinks.map((sink) => planOf(model, sink, resolved)).filter(({ plan }) => plan.total > 0);
  model.replays.push(...replays);
  const queued = real.inspect((inspector) => inspector.queueReplay(request));
  expect(queued).toMatchObject(replays.map((replay) => replay.report()));
}
