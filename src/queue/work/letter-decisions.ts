import type { DeadLetter } from '../inspector.ts';
import type { Tables } from '../tables/tables.ts';
import { firstRoute } from './known-sinks.ts';

/** Makes letters pending again on their sink's first route, within the caller's transaction; the number of values. Not for a sink that is gone. */
export function retryLetters({ sinks, deadLetters, counters }: Tables, letters: readonly DeadLetter[]): number {
  const active = new Map(sinks.all().flatMap((sink) => (sink.removed ? [] : [[sink.name, sink] as const])));
  let values = 0;
  for (const { id, sink: name, samples } of letters) {
    const sink = active.get(name);
    if (sink === undefined) continue;
    deadLetters.reroute(id, firstRoute(sink));
    counters.add(`sink:${name}`, 'deadLettered', -samples.length);
    values += samples.length;
  }
  return values;
}

/** Deletes letters, within the caller's transaction; the number of values. The ledger keeps their count. */
export function purgeLetters({ deadLetters }: Tables, letters: readonly DeadLetter[]): number {
  for (const { id } of letters) deadLetters.delete(id);
  return letters.reduce((sum, { samples }) => sum + samples.length, 0);
}
