import * as fc from 'fast-check';
import { MINUTE } from '../../../src/model/time.ts';
import { appendTo, drawn, reading } from './append.ts';
import { claimNext, placeOf, request } from './claim.ts';
import { outcome, settleOne } from './settle.ts';
import { labelled, step, type Step } from './step.ts';

const much = fc.array(reading, { minLength: 8, maxLength: 30 });
const late = fc.array(reading, { maxLength: 2 });
const batches = fc.array(fc.tuple(request, outcome, late), { minLength: 1, maxLength: 6 });

/** A minute of many readings goes out in several folded batches, while some more of it may come. */
export const crowd = fc
  .record({ readings: much, agoMs: fc.integer({ min: MINUTE, max: 4 * MINUTE }), batches })
  .map(({ readings, agoMs, batches }): Step =>
    step(labelled('crowd', { readings: readings.length, agoMs, batches }), (model, real) => {
      const inOneMinute = (given: typeof readings) => given.map((one) => ({ ...one, agoMs, copies: null }));
      appendTo(model, real, drawn(inOneMinute(readings), model, false));
      for (const [asked, outcome, more] of batches) {
        const folded = { ...asked, isIdle: false, count: 'folded' as const };
        if (placeOf(folded, model) === undefined) continue;
        const claimed = claimNext(folded, model, real);
        if (more.length > 0) appendTo(model, real, drawn(inOneMinute(more), model, false));
        if (claimed !== null) settleOne(claimed, outcome, model, real);
      }
    }),
  );
