import type * as fc from 'fast-check';
import { expectAgreement } from '../agreement.ts';
import type { QueueModel } from '../queue.model.ts';
import type { RealQueue } from '../real-queue.ts';

export type Step = fc.Command<QueueModel, RealQueue>;

/** One command: done to both, then both must agree in everything. */
export function step(
  label: string,
  run: (model: QueueModel, real: RealQueue) => void,
  check: (model: QueueModel) => boolean = () => true,
): Step {
  return {
    check: (model) => check(model as QueueModel),
    run(model, real) {
      run(model, real);
      real.did.steps++;
      expectAgreement(model, real);
    },
    toString: () => label,
  };
}

/** A command's name and arguments, as a failure shows them. */
export function labelled(name: string, given: object): string {
  const shown = Object.entries(given).map(([key, value]) => `${key}: ${JSON.stringify(value)}`);
  return `${name}(${shown.join(', ')})`;
}
