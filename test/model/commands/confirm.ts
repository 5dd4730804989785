import { DAY, MINUTE } from '../../../src/model/time.ts';
import type { Correction } from '../../../src/queue/queue.ts';
import type { QueueModel } from '../queue.model.ts';
import type { RealQueue } from '../real-queue.ts';
import { lastOf } from './last-of.ts';

/** Tells both queues what the time is; from then on the clock is right. */
export function confirm(model: QueueModel, real: RealQueue, correction: Correction | null): void {
  lastOf(real.store.confirmBoot(correction));
  model.confirm(correction);
  model.clockError = 0;
}

export function correctionNow({ now, mono }: QueueModel): Correction {
  return { wallMs: now, monoMs: mono, trustTime: { mqtt: { behindMs: DAY, aheadMs: 2 * MINUTE } } };
}
