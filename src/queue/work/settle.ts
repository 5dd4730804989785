import { minuteOf, type Minute } from '../../model/time.ts';
import type { DeadLetterDraft } from '../queue.ts';
import { takeIds } from '../tables/ids.ts';
import type { StoredSink } from '../tables/sinks.ts';
import type { Tables } from '../tables/tables.ts';
import type { DevicesPart, LetterPart, MinutePart, OpenClaim, UnsettledClaim } from './open-claim.ts';

/** Applies the result of a claim within the caller's transaction: raises `through`, moves the counts, writes dead letters. */
export function applySettlement(tables: Tables, unsettled: UnsettledClaim): void {
  const { claim, settlement } = unsettled;
  if (claim.replay === null) applyToLedger(tables, unsettled);
  else applyToReplay(tables, claim, claim.replay, settlement.readings, countValues(settlement.tooOld));
}

function applyToLedger(tables: Tables, { claim, settlement }: UnsettledClaim): void {
  const { sink, request, first } = claim;
  let values = 0;
  const moved = new Set<Minute>();
  for (const part of claim.parts) {
    const end = Math.min(part.end, settlement.readings);
    if (end <= part.start) break;
    const settled = part.kind === 'letter' ? settleLetter(tables, part, end) : settleMinute(tables, claim, part, end);
    if (settled) values += (first[end] ?? 0) - (first[part.start] ?? 0);
    else if (part.kind !== 'letter') moved.add(part.minute);
  }
  const stillOwed = ({ samples }: DeadLetterDraft): boolean => !samples.some(([at]) => moved.has(minuteOf(at)));
  const dead = settlement.deadLetters.filter(stillOwed);
  const tooOld = settlement.tooOld.filter(stillOwed);
  const nextRoute = routeAfter(sink, request.route);
  const owner = `sink:${sink.name}` as const;
  const acknowledged = values - countValues(dead) - countValues(tooOld);
  tables.counters.add(owner, request.route === sink.routes[0]?.name ? 'delivered' : 'late', acknowledged);
  tables.counters.add(owner, 'deadLettered', countValues(dead));
  for (const draft of dead) writeLetter(tables, sink.id, draft, settlement.now, null);
  if (nextRoute === null) tables.counters.add(owner, 'expired', countValues(tooOld));
  else for (const draft of tooOld) writeLetter(tables, sink.id, draft, settlement.now, nextRoute);
}

/** False when the minute is no longer as it was claimed: then its readings stay owed. */
function settleMinute(
  { owed }: Tables,
  { sink, ids, first }: OpenClaim,
  part: MinutePart | DevicesPart,
  end: number,
): boolean {
  const row = owed.get(sink.id, part.minute);
  const claimed = part.kind === 'devices' ? part.owed : part;
  if (row === null || row.through !== claimed.through) return false;
  const last = ids[end - 1] ?? row.through;
  const readings = row.readings - (end - part.start);
  const values = row.values - ((first[end] ?? 0) - (first[part.start] ?? 0));
  if (part.kind === 'minute') {
    owed.put({ ...row, through: last, readings, values });
    return true;
  }
  const done = part.ended && end === part.end;
  owed.put({ ...row, through: done ? part.upto : part.base, readings, values });
  if (readings > 0) {
    const origin = part.origins[end - 1 - part.start] ?? 0;
    owed.putPart(sink.id, part.minute, done ? null : { upto: part.upto, origin, id: last });
  }
  return true;
}

function settleLetter({ deadLetters }: Tables, { letter, start }: LetterPart, end: number): boolean {
  deadLetters.shorten(letter, end - start);
  return true;
}

/** A replay changes no ledger and makes no dead letters: its values were accounted for before. */
function applyToReplay(tables: Tables, claim: OpenClaim, replay: number, readings: number, tooOld: number): void {
  const { sink, request, first, ids } = claim;
  const last = claim.parts.findLast((part) => part.start < readings);
  if (last?.kind !== 'minute') return;
  const whole = last.whole && readings >= last.end;
  if (whole) tables.replays.moveCursor(replay, last.minute - 1, 0);
  else tables.replays.moveCursor(replay, last.minute, ids[readings - 1] ?? last.through);
  const values = (first[readings] ?? 0) - tooOld;
  tables.replays.count(replay, request.route === sink.routes[0]?.name ? 'sent_fresh' : 'sent_late', values);
  tables.replays.count(replay, 'sent_too_old', tooOld);
}

function writeLetter(
  tables: Tables,
  sink: number,
  draft: DeadLetterDraft,
  refusedAt: number,
  owedRoute: string | null,
): void {
  const { device, quantity, samples, reason } = draft;
  const [oldest] = samples;
  if (oldest === undefined) return;
  const id = takeIds(tables.counters, samples.length);
  const minute = minuteOf(oldest[0]);
  tables.deadLetters.insert({ id, sink, minute, device, quantity, samples, reason, refusedAt, owedRoute });
}

function routeAfter({ routes }: StoredSink, route: string): string | null {
  return routes[routes.findIndex(({ name }) => name === route) + 1]?.name ?? null;
}

function countValues(drafts: readonly DeadLetterDraft[]): number {
  return drafts.reduce((sum, { samples }) => sum + samples.length, 0);
}
