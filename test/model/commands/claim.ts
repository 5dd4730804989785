import * as fc from 'fast-check';
import { expect } from 'vitest';
import { MINUTE, minuteOf } from '../../../src/model/time.ts';
import type { Claim, ClaimRequest, Lane, SinkRegistration } from '../../../src/queue/queue.ts';
import { FIRST_MINUTE } from '../../../src/queue/tables/reading-key.ts';
import { listed } from '../../support/queue-readings.ts';
import type { ModelClaim } from '../claim.model.ts';
import { nextClaim } from '../next-claim.model.ts';
import type { QueueModel } from '../queue.model.ts';
import type { RealQueue } from '../real-queue.ts';
import type { ModelSink } from '../sink.model.ts';
import { labelled, step, type Step } from './step.ts';

const LANES: readonly Lane[] = ['live', 'backlog', 'retry', 'replay'];

export const request = fc.record({
  /** Which sink, route and lane asks: of all that may, or of those that have something to do. */
  place: fc.nat(),
  isIdle: fc.nat(4).map((n) => n === 0),
  count: fc.constantFrom('folded', 'values', 'readings'),
  maxItems: fc.oneof(fc.integer({ min: 1, max: 6 }), fc.constant(1_000)),
  /** 1: the present minute as well. */
  due: fc.nat(1),
  liveMinutes: fc.nat(5),
} as const);
export type DrawnRequest = typeof request extends fc.Arbitrary<infer T> ? T : never;

/** A lane looks for something to send. */
export const claim = request.map((drawn): Step =>
  step(
    labelled('claim', drawn),
    (model, real) => {
      const claimed = claimNext(drawn, model, real);
      if (claimed !== null) model.open.push(claimed);
    },
    (model) => placeOf(drawn, model) !== undefined,
  ),
);

/** The next batch of both, which must be the same; null when nothing is due. */
export function claimNext(drawn: DrawnRequest, model: QueueModel, real: RealQueue): ModelClaim | null {
  const place = placeOf(drawn, model);
  return place === undefined ? null : claimIn(place, drawn, model, real);
}

/** The same in a lane; where one is open there, behind that. */
export function claimIn(
  place: Place,
  drawn: DrawnRequest,
  model: QueueModel,
  real: RealQueue,
  ahead?: ModelClaim,
): ModelClaim | null {
  const asked = requestOf(place, drawn, model, ahead);
  const given = real.store.claim(asked);
  const expected = nextClaim(model, place.sink, asked, given?.readings.length ?? 0);
  expect(given === null ? null : linesOf(given)).toEqual(expected === null ? null : linesOfModel(expected));
  if (given === null || expected === null) return null;
  expect(given.more, 'more').toBe(expected.more);
  expect(given.replay === null).toBe(expected.replay === null);
  expected.id = given.id;
  return expected;
}

export interface Place {
  readonly sink: ModelSink;
  readonly route: SinkRegistration['routes'][number];
  readonly lane: Lane;
}

/** Not one whose last claim is still open. */
export function placeOf(
  { place, isIdle }: DrawnRequest,
  model: QueueModel,
  lanes: readonly Lane[] = LANES,
): Place | undefined {
  const places = model.sinks
    .filter(({ removed }) => !removed)
    .flatMap((sink) => sink.routes.flatMap((route) => lanes.map((lane) => ({ sink, route, lane }))))
    .filter((one) => !model.open.some(({ request }) => isSamePlace(one, request)))
    .filter((one) => isIdle || hasWork(one, model));
  return places[place % places.length];
}

function isSamePlace({ sink, route, lane }: Place, request: ClaimRequest): boolean {
  return request.sink === sink.name && request.route === route.name && request.lane === lane;
}

function hasWork({ sink, route: { name }, lane }: Place, { replays }: QueueModel): boolean {
  if (lane === 'retry') return sink.letters.some(({ route }) => route === name);
  if (lane === 'replay') return replays.some((replay) => replay.sink === sink && replay.isUnfinished);
  return [...sink.owed.values()].includes(name);
}

function requestOf(
  { sink, route, lane }: Place,
  drawn: DrawnRequest,
  { now }: QueueModel,
  ahead: ModelClaim | undefined,
): ClaimRequest {
  const { maxItems, due, liveMinutes } = drawn;
  const dueBefore = minuteOf(now) + due;
  const oldest = route.behindMs === Infinity ? FIRST_MINUTE : Math.ceil((now - route.behindMs) / MINUTE);
  return {
    sink: sink.name,
    route: route.name,
    lane,
    // A route always counts alike.
    count: ahead?.request.count ?? drawn.count,
    maxItems,
    dueBefore,
    liveFrom: dueBefore - liveMinutes,
    oldest,
    ...(ahead !== undefined && { behind: ahead.id }),
  };
}

function linesOf({ readings }: Claim): string[] {
  return listed(readings, 0);
}

function linesOfModel({ items }: ModelClaim): string[] {
  return items.map((item) => {
    if (item.kind === 'sample') {
      const { device, quantity } = item.letter;
      return `${device}@${item.sample[0] / 1000}: ${quantity}=${item.sample[1]}`;
    }
    const { device, at, values = {} } = item.reading;
    const shown = Object.entries(values).map(([quantity, value]) => `${quantity}=${value}`);
    return `${device}@${at / 1000}: ${shown.join(' ')}`;
  });
}
