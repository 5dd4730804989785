import * as fc from 'fast-check';
import { minuteOf } from '../../../src/model/time.ts';
import type { DeadLetterDraft } from '../../../src/queue/queue.ts';
import type { Item } from '../batch.model.ts';
import { Settled, type ModelClaim } from '../claim.model.ts';
import type { QueueModel } from '../queue.model.ts';
import type { RealQueue } from '../real-queue.ts';
import { claimNext, placeOf, request } from './claim.ts';
import { labelled, step, type Step } from './step.ts';

export const outcome = fc.record({
  /** How much of the claim, from its first reading on. */
  part: fc.constantFrom(1, 1, 1, 0.5, 0.2),
  /** Every so many lines is refused for good, or because it has become too old; 0: none. */
  dead: fc.constantFrom(0, 0, 1, 2, 3),
  tooOld: fc.constantFrom(0, 0, 0, 2, 3),
});
type Outcome = typeof outcome extends fc.Arbitrary<infer T> ? T : never;

/** The result of a request reaches the queue. */
export const settle = fc.tuple(fc.nat(5), outcome).map(([nth, outcome]): Step =>
  step(
    labelled('settle', { claim: nth, ...outcome }),
    (model, real) => {
      const claim = model.open[nth % model.open.length];
      if (claim !== undefined) endOne(claim, outcome, model, real);
    },
    (model) => model.open.length > 0,
  ),
);

/** A lane sends a batch, and nothing happens meanwhile. */
export const deliver = fc.tuple(request, outcome).map(([drawn, outcome]): Step =>
  step(
    labelled('deliver', { ...drawn, ...outcome }),
    (model, real) => {
      const claimed = claimNext(drawn, model, real);
      if (claimed !== null) settleOne(claimed, outcome, model, real);
    },
    (model) => placeOf(drawn, model) !== undefined,
  ),
);

/** A request failed in a way that says nothing about what was in it. */
export const release = fc.nat(5).map((nth): Step =>
  step(
    labelled('release', { claim: nth }),
    (model, real) => {
      const claim = model.open[nth % model.open.length];
      if (claim !== undefined) endOne(claim, null, model, real);
    },
    (model) => model.open.length > 0,
  ),
);

/** What waits for an append that does not come is committed some seconds later. */
export const flush = fc.constant(
  step(
    'flush()',
    (model, real) => {
      real.store.flush();
      model.commit();
    },
    (model) => model.unsettled.length > 0,
  ),
);

/** An open claim is settled, or given back without a result. */
export function endOne(claim: ModelClaim, outcome: Outcome | null, model: QueueModel, real: RealQueue): void {
  model.open.splice(model.open.indexOf(claim), 1);
  if (outcome === null) real.store.release(claim.id);
  else settleOne(claim, outcome, model, real);
}

/** A result for a claim that is not open any more. */
export function settleOne(
  claim: ModelClaim,
  { part, dead, tooOld }: Outcome,
  model: QueueModel,
  real: RealQueue,
): void {
  const readings = Math.max(1, Math.floor(claim.items.length * part));
  const lines = linesOf(claim.items.slice(0, readings));
  const isDead = (i: number): boolean => dead > 0 && i % dead === dead - 1;
  const isTooOld = (i: number): boolean => tooOld > 0 && i % tooOld === 0 && !isDead(i);
  const settlement = {
    claim: claim.id,
    readings,
    deadLetters: lines.filter((_, i) => isDead(i)),
    tooOld: lines.filter((_, i) => isTooOld(i)),
    now: model.now,
  };
  real.store.settle(settlement);
  model.unsettled.push(new Settled(claim, settlement, model));
}

/** The folded lines of a batch: a device, a quantity and a minute each. */
function linesOf(items: readonly Item[]): DeadLetterDraft[] {
  const lines = new Map<string, DeadLetterDraft & { samples: (readonly [number, number])[] }>();
  const add = (device: string, quantity: string, at: number, value: number): void => {
    const key = `${minuteOf(at)} ${device} ${quantity}`;
    const line = lines.get(key) ?? { device, quantity, samples: [], reason: `refused ${quantity}` };
    line.samples.push([at, value]);
    lines.set(key, line);
  };
  for (const item of items) {
    if (item.kind === 'sample') add(item.letter.device, item.letter.quantity, ...item.sample);
    else
      for (const [quantity, value] of Object.entries(item.reading.values ?? {}))
        add(item.reading.device ?? '', quantity, item.reading.at, value);
  }
  return [...lines.values()];
}
