import * as fc from 'fast-check';
import { expect } from 'vitest';
import { HOUR } from '../../../src/model/time.ts';
import type { SinkRegistration } from '../../../src/queue/queue.ts';
import { DYNATRACE } from '../../support/queue-fixture.ts';
import { QueueModel } from '../queue.model.ts';
import type { RealQueue } from '../real-queue.ts';
import { confirm, correctionNow } from './confirm.ts';
import { labelled, step, type Step } from './step.ts';

const METRICS_ONLY = { name: 'metrics', behindMs: HOUR };
const FRESH_ONLY: SinkRegistration = { ...DYNATRACE, name: 'fresh', routes: [METRICS_ONLY] };
const FILE: SinkRegistration = {
  name: 'file',
  type: 'file',
  backfill: true,
  routes: [{ name: 'file', behindMs: Infinity }],
};

/** What may be configured when the gateway starts; `dynatrace` comes and goes, also without its late route. */
const CONFIGURATIONS: readonly (readonly SinkRegistration[])[] = [
  [DYNATRACE],
  [DYNATRACE, FRESH_ONLY],
  [DYNATRACE, FILE],
  [FILE, FRESH_ONLY],
  [{ ...DYNATRACE, routes: [METRICS_ONLY] }, FRESH_ONLY],
  [],
];

interface Restart {
  readonly isClean: boolean;
  readonly isNewBoot: boolean;
  /** Undefined: as before. */
  readonly sinks?: readonly SinkRegistration[];
}

const oneIn = (n: number): fc.Arbitrary<boolean> => fc.nat(n - 1).map((i) => i === 0);
const configured = fc.option(fc.nat(CONFIGURATIONS.length - 1), { freq: 2 });

/** Kill -9, or with a new boot a power cut, or a clean stop; then a start with the same sinks or others. */
export const restartWith = fc
  .record({ isClean: oneIn(3), isNewBoot: oneIn(3), sinks: configured, isUnconfirmed: oneIn(3) })
  .map(({ isClean, isNewBoot, sinks, isUnconfirmed }): Step =>
    step(labelled('restart', { isClean, isNewBoot, sinks, isUnconfirmed }), (model, real) => {
      const given = sinks === null ? {} : { sinks: CONFIGURATIONS[sinks] ?? [] };
      restart(model, real, { isClean, isNewBoot, ...given });
      if (!isUnconfirmed) confirm(model, real, correctionNow(model));
    }),
  );

/** Both queues as they begin, with the sink of most homes. */
export function begin(real: RealQueue): { readonly model: QueueModel; readonly real: RealQueue } {
  const model = new QueueModel(real.claimBounds);
  register(model, real, [DYNATRACE]);
  return { model, real };
}

/** Ends both queues and opens them again. */
export function restart(model: QueueModel, real: RealQueue, { isClean, isNewBoot, sinks }: Restart): void {
  const boot = isNewBoot ? `boot-${++model.boots}` : model.stretch.boot;
  if (isClean) {
    model.close();
    real.reopen(boot);
  } else {
    model.crash();
    real.crash(boot);
  }
  if (isNewBoot) model.clockError = 0;
  const expiredUnknownTime = model.openIn(boot);
  expect(real.opening).toMatchObject({ unclean: model.unclean, expiredUnknownTime });
  register(model, real, sinks ?? model.configured);
}

function register(model: QueueModel, real: RealQueue, sinks: readonly SinkRegistration[]): void {
  real.store.registerSinks(sinks);
  model.register(sinks);
}
