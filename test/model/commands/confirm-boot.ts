import * as fc from 'fast-check';
import type { QueueModel } from '../queue.model.ts';
import { appendTo, drawn, reading } from './append.ts';
import { confirm, correctionNow } from './confirm.ts';
import { lastOf } from './last-of.ts';
import { restart } from './restart.ts';
import { labelled, step, type Step } from './step.ts';

const isUnconfirmed = ({ stretch }: QueueModel): boolean => !stretch.confirmed;

/** The clock was found right, or by how much it was wrong. */
export const confirmBoot = fc.record({ corrects: fc.boolean() }).map(({ corrects }): Step =>
  step(
    labelled('confirmBoot', { corrects }),
    (model, real) => {
      const correction = corrects ? correctionNow(model) : null;
      confirm(model, real, correction);
    },
    isUnconfirmed,
  ),
);

/** It takes a while; readings that come meanwhile are treated alike. */
export const confirmBootMeanwhile = fc.array(reading, { minLength: 1, maxLength: 4 }).map((readings): Step =>
  step(
    labelled('confirmBootMeanwhile', { readings }),
    (model, real) => {
      const correction = correctionNow(model);
      const steps = real.store.confirmBoot(correction);
      if (steps.next().done !== true) {
        model.confirm(correction, 1);
        appendTo(model, real, drawn(readings, model, false));
        lastOf(steps);
      }
      model.confirm(correction);
      model.clockError = 0;
    },
    isUnconfirmed,
  ),
);

/** The process ends in the middle of it: what was fixed is fixed, the rest is provisional still. */
export const crashWhileConfirming = fc
  .record({ minutes: fc.integer({ min: 1, max: 3 }), isNewBoot: fc.boolean() })
  .map(({ minutes, isNewBoot }): Step =>
    step(
      labelled('crashWhileConfirming', { minutes, isNewBoot }),
      (model, real) => {
        const correction = correctionNow(model);
        const steps = real.store.confirmBoot(correction);
        for (let i = 0; i < minutes; i++) steps.next();
        model.confirm(correction, minutes);
        restart(model, real, { isClean: false, isNewBoot });
      },
      isUnconfirmed,
    ),
  );
