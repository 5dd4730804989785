import { StandIn, type StandInOptions } from '../../src/simulate/dynatrace/stand-in.ts';
import type { Series } from '../../src/simulate/dynatrace/series-store.ts';

export type { Fault } from '../../src/simulate/dynatrace/fault.ts';
export type { RequestRecord } from '../../src/simulate/dynatrace/request-record.ts';
export type { Series, Slot } from '../../src/simulate/dynatrace/series-store.ts';
export { StandIn } from '../../src/simulate/dynatrace/stand-in.ts';

export const TOKEN = `dt0c01.${'A'.repeat(24)}.${'B'.repeat(64)}`;

/**
 * The strict ingest API on a free port of loopback, with the machine's clock, `TOKEN` as its only token, and all that came
 * in kept (arrivals and bodies). Whoever starts it stops it.
 */
export function startDynatrace(options: Partial<StandInOptions> = {}): Promise<StandIn> {
  return StandIn.start({ now: () => Date.now(), token: TOKEN, keepArrivals: true, keepBodies: true, ...options });
}

/** The stored series of a metric key, optionally of one device. */
export function seriesOf(dynatrace: StandIn, key: string, device?: string): readonly Series[] {
  return dynatrace
    .series()
    .filter((series) => series.key === key && (device === undefined || series.dimensions['device'] === device));
}

/** How many values are stored in all slots, folded ones included: the sum of the counts. */
export function storedValues(dynatrace: StandIn, only: (series: Series) => boolean = () => true): number {
  return dynatrace
    .series()
    .filter(only)
    .flatMap((series) => series.slots)
    .reduce((sum, slot) => sum + slot.count, 0);
}
