import type { Outcome } from '../model/outcome.ts';
import type { EpochMs } from '../model/time.ts';
import type { Clock } from '../platform/clock.ts';
import type { HealthSample } from '../sinks/sink.ts';
import type { Bisect, Request } from './bisect.ts';
import { inTurn } from './in-turn.ts';
import type { RouteChannel } from './route-channel.ts';

export interface BatchSending {
  readonly channel: RouteChannel;
  /** Requests on their way at most. */
  readonly atOnce: number;
  /** Rides along with the first request. */
  readonly health: readonly HealthSample[] | null;
  /** Gives up what is on its way. */
  readonly signal: AbortSignal;
  readonly mayContinue: () => boolean;
  readonly clock: Pick<Clock, 'monoMs'>;
  readonly now: () => EpochMs;
  readonly onAnswer: (answer: Outcome, hadHealth: boolean) => void;
}

interface OnItsWay {
  readonly answered: Promise<Outcome>;
  readonly hadHealth: boolean;
}

/**
 * Sends requests until the batch has ended or it may not continue, and all have their answers; resolves with the one that ended it,
 * or the last.
 */
export async function sendBatch(bisect: Bisect, sending: BatchSending): Promise<Outcome | null> {
  const { channel, atOnce, mayContinue, now, onAnswer } = sending;
  const onTheirWay: OnItsWay[] = [];
  let last: Outcome | null = null;
  try {
    for (let sent = 0; ;) {
      const request = onTheirWay.length < atOnce && mayContinue() ? bisect.next() : null;
      if (request !== null) onTheirWay.push(send(request, sending, sent++ === 0));
      const [oldest] = onTheirWay;
      if (oldest === undefined) return last;
      const isPrepared = await inTurn(sending.clock, () => bisect.prepare());
      if (isPrepared || request !== null) continue;
      const answer = await oldest.answered;
      onTheirWay.shift();
      onAnswer(answer, oldest.hadHealth);
      if (!bisect.ended) last = answer;
      bisect.answer(answer, (answer.serverDate ?? now()) - channel.route.behindMs);
    }
  } finally {
    // What is on its way reads the batch's texts, which the next one writes to.
    await Promise.allSettled(onTheirWay.map(({ answered }) => answered));
  }
}

function send(request: Request, { channel, health, signal }: BatchSending, isFirst: boolean): OnItsWay {
  const { texts, identity, compressed } = request;
  const hadHealth = isFirst && health !== null;
  const answered = channel.send(texts, {
    signal,
    ...(identity && { identity }),
    ...(compressed !== null && { compressed }),
    ...(hadHealth && { health }),
  });
  // Whoever waits for its turn hears of it then.
  answered.catch(() => undefined);
  return { answered, hadHealth };
}
