import { minuteOf } from '../../src/model/time.ts';
import type { ClaimRequest } from '../../src/queue/queue.ts';
import { byMinute, takeBatch, type Item } from './batch.model.ts';
import { isTooLarge, takeDevices } from './devices.model.ts';
import { ModelClaim } from './claim.model.ts';
import type { QueueModel } from './queue.model.ts';
import { nextOfReplay } from './replay.model.ts';
import type { ModelSink } from './sink.model.ts';

/**
 * What the next batch of a lane is; null when nothing is due. Marks replays of which nothing is left as done. `claimed`: of how many
 * readings the queue's is.
 */
export function nextClaim(
  model: QueueModel,
  sink: ModelSink,
  request: ClaimRequest,
  claimed: number,
): ModelClaim | null {
  if (!model.stretch.confirmed) return null;
  if (model.unsettled.some(({ claim }) => isSameLane(claim.request, request))) model.commit();
  if (request.lane === 'replay') return nextOfReplay(model, sink, request);
  const minutes = request.lane === 'retry' ? lettersOf(sink, request) : minutesOf(model, sink, request);
  const [first = []] = minutes;
  const batch =
    request.lane !== 'retry' && isTooLarge(first, request, model.bounds)
      ? takeDevices(model, sink, first, request, claimed)
      : takeBatch(minutes, request, model.bounds);
  if (batch.taken.length === 0) return null;
  const passesBy = model.open.some(({ id, goesByDevice }) => id === request.behind && goesByDevice);
  return new ModelClaim(sink, request, { ...batch, more: batch.more || passesBy }, null);
}

function minutesOf(model: QueueModel, sink: ModelSink, request: ClaimRequest): Item[][] {
  const isLive = request.lane === 'live';
  const from = isLive ? Math.max(request.oldest, request.liveFrom) : request.oldest;
  const before = isLive ? request.dueBefore : Math.min(request.dueBefore, request.liveFrom);
  const due = model.readings.filter((reading) => {
    const minute = minuteOf(reading.at);
    const isDue = sink.owed.get(reading) === request.route && minute >= from && minute < before;
    return isDue && model.isFree(sink, reading, request.behind);
  });
  return byMinute(due, isLive);
}

/** Values of letters one by one: each may be cut off from the rest. */
function lettersOf(sink: ModelSink, { route, oldest, dueBefore }: ClaimRequest): Item[][] {
  return sink.letters
    .filter((letter) => letter.route === route && letter.minute >= oldest && letter.minute < dueBefore)
    .sort((a, b) => a.minute - b.minute)
    .flatMap((letter) =>
      letter.samples.map((sample): Item[] => [
        {
          kind: 'sample',
          letter,
          sample,
          minute: letter.minute,
          values: 1,
          series: `${letter.device} ${letter.quantity}`,
        },
      ]),
    );
}

function isSameLane(a: ClaimRequest, b: ClaimRequest): boolean {
  return a.sink === b.sink && a.lane === b.lane && (a.route === b.route || a.lane === 'replay');
}
