import { ColumnsBuilder } from '../model/reading-columns.ts';
import type { GatewayClock } from '../platform/gateway-clock.ts';
import type { Append, SourceCounts } from '../queue/queue.ts';
import { Gathering, type ReadingDraft } from './gathering.ts';
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
    const { from, refused, refusedFields, receivedMono } = message;
    if (refused !== null) {
      tallyOf(from).refuse(Math.round(wallMinusMono + receivedMono), refused.topic, refused.reason);
      continue;
    }
    const taken = gathering.take(message);
    if (taken === 'ignored') tallyOf(from).ignore();
    else if (refusedFields > 0) tallyOf(from).refuseFields(refusedFields);
    if (taken === 'merged') tallyOf(from).merge();
  }
  const drafts = site === null ? gathering.drafts : site.withDerived(gathering.drafts, wallMinusMono);
  return appendOf(
    drafts,
    wallMinusMono,
    [...tallies].map(([from, tally]) => tally.counts(from.source)),
  );
}

function appendOf(drafts: readonly ReadingDraft[], wallMinusMono: number, counts: readonly SourceCounts[]): Append {
  const readings = new ColumnsBuilder();
  const receivedAt = new Float64Array(drafts.length);
  const mono = new Float64Array(drafts.length);
  const deviceTime = new Float64Array(drafts.length);
  const timeUnknown = new Uint8Array(drafts.length);
  const onlyDeviceTime = new Uint8Array(drafts.length);
  const derived = new Uint8Array(drafts.length);
  const message = new Uint32Array(drafts.length);
  for (let i = 0; i < drafts.length; i++) {
    const draft = drafts[i];
    if (draft === undefined) continue;
    readings.add(draft.origin, draft.at, draft.quantities, draft.values, 0, draft.first);
    receivedAt[i] = Math.round(wallMinusMono + draft.receivedMono);
    mono[i] = draft.receivedMono;
    deviceTime[i] = draft.deviceTime ?? Number.NaN;
    timeUnknown[i] = draft.kind === 'unknown' ? 1 : 0;
    onlyDeviceTime[i] = draft.kind === 'provisional' ? 1 : 0;
    derived[i] = draft.derived ? 1 : 0;
    message[i] = draft.message;
  }
  return {
    readings: readings.take(),
    receivedAt,
    mono,
    deviceTime,
    timeUnknown,
    onlyDeviceTime,
    derived,
    message,
    counts,
  };
}
