import { ColumnsBuilder } from '../model/reading-columns.ts';
import type { Origin } from '../model/reading.ts';
import type { GatewayClock } from '../platform/gateway-clock.ts';
import type { Append } from '../queue/queue.ts';
import { decideTime } from './device-time.ts';
import type { Dropped, Message, Origination } from './message.ts';
import { Tally } from './tally.ts';

/**
 * Turns gathered messages into one append, at the moment it is handed over: the time of each reading follows from its
 * monotonic instant and what the clock believes now, so a clock confirmed while messages were gathered holds for all of
 * them. Every message is in it once, as a reading or in a count.
 */
export function draftAppend(
  messages: readonly Message[],
  dropped: ReadonlyMap<Origination, Dropped>,
  clock: GatewayClock,
): Append {
  const confirmed = clock.state !== 'unconfirmed';
  const wallMinusMono = clock.now() - clock.monoMs();
  const readings = new ColumnsBuilder();
  const receivedAts: number[] = [];
  const monos: number[] = [];
  const deviceTimes: number[] = [];
  const unknown: number[] = [];
  const deviceOnly: number[] = [];
  const tallies = new Map<Origination, Tally>();
  const tallyOf = (from: Origination): Tally => {
    let tally = tallies.get(from);
    if (tally === undefined) tallies.set(from, (tally = new Tally()));
    return tally;
  };

  for (const [from, { messages: count, lastMono, topic, reason }] of dropped) {
    tallyOf(from).refuse(Math.round(wallMinusMono + lastMono), topic, reason, count);
  }
  for (const { from, judged, topic, receivedMono, retained, waited } of messages) {
    const receivedAt = Math.round(wallMinusMono + receivedMono);
    if (judged.kind === 'refused') tallyOf(from).refuse(receivedAt, topic, judged.reason);
    if (judged.kind === 'ignored') tallyOf(from).ignore();
    if (judged.kind !== 'reading') continue;

    const { deviceTime, device, serial } = judged;
    const time = decideTime({ deviceTime, receivedAt, confirmed, retained, waited }, from.trustTime);
    if (time.kind === 'ignored') {
      tallyOf(from).ignore();
      continue;
    }
    if (judged.refusedFields.length > 0) tallyOf(from).refuseFields(judged.refusedFields.length);
    if (confirmed && deviceTime !== null && !retained && !waited) {
      from.offsets.observe(device, deviceTime - receivedAt);
    }
    const origin: Origin = { device, serial, source: from.source };
    readings.add(origin, time.at, judged.quantities, judged.values);
    receivedAts.push(receivedAt);
    monos.push(receivedMono);
    deviceTimes.push(deviceTime ?? Number.NaN);
    unknown.push(time.kind === 'unknown' ? 1 : 0);
    deviceOnly.push(time.kind === 'provisional' ? 1 : 0);
  }
  return {
    readings: readings.take(),
    receivedAt: new Float64Array(receivedAts),
    mono: new Float64Array(monos),
    deviceTime: new Float64Array(deviceTimes),
    timeUnknown: new Uint8Array(unknown),
    onlyDeviceTime: new Uint8Array(deviceOnly),
    message: Uint32Array.from(receivedAts.keys()),
    counts: [...tallies].map(([from, tally]) => tally.counts(from.source)),
  };
}
