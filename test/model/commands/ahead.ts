import * as fc from 'fast-check';
import type { ModelClaim } from '../claim.model.ts';
import type { QueueModel } from '../queue.model.ts';
import type { RealQueue } from '../real-queue.ts';
import { appendTo, drawn, reading } from './append.ts';
import { claimIn, placeOf, request, type DrawnRequest } from './claim.ts';
import { endOne, outcome } from './settle.ts';
import { labelled, step, type Step } from './step.ts';
import { advanceNow, passing, passTime } from './time.ts';

/** The lane of a backlog looks for what follows the batch that it sends; what becomes of either is left to other commands. */
export const claimAhead = fc.tuple(fc.nat(2), request).map(([nth, asked]): Step =>
  step(
    labelled('claimAhead', { behind: nth, ...asked }),
    (model, real) => {
      const alone = openAlone(model);
      const ahead = alone[nth % alone.length];
      if (ahead !== undefined) claimBehind(ahead, asked, model, real);
    },
    (model) => openAlone(model).length > 0,
  ),
);

const ending = fc.option(outcome, { freq: 5 });

/** Batches of a backlog, each claimed behind the one before, which ends in whatever way; null: it is given back. */
export const deliverAhead = fc
  .record({
    first: request,
    batches: fc.array(fc.record({ asked: request, ends: ending, isDurable: fc.boolean() }), {
      minLength: 1,
      maxLength: 4,
    }),
    more: fc.array(reading, { maxLength: 2 }),
    ms: fc.option(passing, { freq: 2 }),
    last: ending,
    isLeftOpen: fc.boolean(),
  })
  .map(({ first, batches, more, ms, last, isLeftOpen }): Step =>
    step(
      labelled('deliverAhead', { first, batches, more, ms, last, isLeftOpen }),
      (model, real) => {
        const place = placeOf(first, model, ['backlog']);
        let sent = place === undefined ? null : claimIn(place, { ...first, liveMinutes: 0 }, model, real);
        if (sent !== null) model.open.push(sent);
        for (const { asked, ends, isDurable } of batches) {
          if (sent === null) return;
          const next = claimBehind(sent, { ...asked, liveMinutes: 0 }, model, real);
          if (more.length > 0) appendTo(model, real, drawn(more, model, false));
          if (ms !== null) {
            passTime(model, ms);
            advanceNow(model, real, []);
          }
          endOne(sent, ends, model, real);
          if (isDurable) {
            real.store.flush();
            model.commit();
          }
          sent = next;
        }
        if (sent !== null && !isLeftOpen) endOne(sent, last, model, real);
      },
      (model) => placeOf(first, model, ['backlog']) !== undefined,
    ),
  );

/** What follows a batch that is open; it is open then as well. */
function claimBehind(ahead: ModelClaim, asked: DrawnRequest, model: QueueModel, real: RealQueue): ModelClaim | null {
  const { sink, request } = ahead;
  const route = sink.routes.find(({ name }) => name === request.route);
  if (route === undefined) return null;
  const next = claimIn({ sink, route, lane: request.lane }, asked, model, real, ahead);
  if (next === null) return null;
  model.open.push(next);
  real.did.ahead++;
  return next;
}

/** Batches of backlogs with none behind them. */
function openAlone({ open }: QueueModel): ModelClaim[] {
  const backlogs = open.filter(({ request }) => request.lane === 'backlog');
  return backlogs.filter((one) => backlogs.every((other) => other === one || !isInOneLane(one, other)));
}

function isInOneLane({ request: a }: ModelClaim, { request: b }: ModelClaim): boolean {
  return a.sink === b.sink && a.route === b.route && a.lane === b.lane;
}
