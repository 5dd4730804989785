import { ColumnsBuilder } from '../model/reading-columns.ts';
import type { GatewayClock } from '../platform/gateway-clock.ts';
import type { Append } from '../queue/queue.ts';
import { Gathering } from './gathering.ts';
import type { Dropped, Message, Origination } from './message.ts';
import type { Site } from './site.ts';
import { Tally } from './tally.ts';

/**
 * Turns gathered messages into one append, at the moment it is handed over: the time of each reading follows from its
 * monotonic instant and what the clock believes now, so a clock confirmed while messages were gathered holds for all of
 * them. Every message is in it once, in a reading or in a count. What a site derives stands behind the reading it is from.
 */
export function draftAppend(
  messages: readonly Message[],
  dropped: ReadonlyMap<Origination, Dropped>,
  clock: GatewayClock,
  site: Site | null,
): Append {
  const wallMinusMono = clock.now() - clock.monoMs();
  const tallies = new Map<Origination, Tally>();
  const tallyOf = (from: Origination): Tally => {
    let tally = tallies.get(from);
    if (tally === undefined) tallies.set(from, (tally = new Tally()));
    return tally;
  };
  for (const [from, { messages: count, lastMono, topic, reason }] of dropped) {
    tallyOf(from).refuse(Math.round(wallMinusMono + lastMono), topic, reason, count);
  }
  const gathering = new Gathering(clock.state !== 'unconfirmed', wallMinusMono);
  for (const message of messages) {
    const { from, judged, topic, receivedMono } = message;
    if (judged.kind === 'readings') {
      const taken = gathering.take(message, judged);
      if (taken === 'ignored') tallyOf(from).ignore();
      else if (judged.refusedFields.length > 0) tallyOf(from).refuseFields(judged.refusedFields.length);
      if (taken === 'merged') tallyOf(from).merge();
    } else if (judged.kind === 'refused') {
      tallyOf(from).refuse(Math.round(wallMinusMono + receivedMono), topic, judged.reason);
    } else {
      tallyOf(from).ignore();
    }
  }
  const drafts = site === null ? gathering.drafts : site.withDerived(gathering.drafts, wallMinusMono);
  const readings = new ColumnsBuilder();
  for (const { origin, at, quantities, values } of drafts) readings.add(origin, at, quantities, values);
  return {
    readings: readings.take(),
    receivedAt: Float64Array.from(drafts, ({ receivedMono }) => Math.round(wallMinusMono + receivedMono)),
    mono: Float64Array.from(drafts, ({ receivedMono }) => receivedMono),
    deviceTime: Float64Array.from(drafts, ({ deviceTime }) => deviceTime ?? Number.NaN),
    timeUnknown: Uint8Array.from(drafts, ({ kind }) => (kind === 'unknown' ? 1 : 0)),
    onlyDeviceTime: Uint8Array.from(drafts, ({ kind }) => (kind === 'provisional' ? 1 : 0)),
    derived: Uint8Array.from(drafts, ({ derived }) => (derived ? 1 : 0)),
    message: Uint32Array.from(drafts, ({ message }) => message),
    counts: [...tallies].map(([from, tally]) => tally.counts(from.source)),
  };
}
