import { minuteOf, type EpochMs, type Minute } from '../../src/model/time.ts';
import type { ClaimRequest, DeadLetterDraft, Settlement } from '../../src/queue/queue.ts';
import type { Batch, Item } from './batch.model.ts';
import type { QueueModel } from './queue.model.ts';
import type { ModelReading } from './reading.model.ts';
import type { ModelReplay } from './replay.model.ts';
import type { ModelLetter, ModelSink } from './sink.model.ts';

/** Readings, or values of letters, that are on their way. */
export class ModelClaim {
  readonly sink: ModelSink;
  readonly request: ClaimRequest;
  readonly items: readonly Item[];
  readonly replay: ModelReplay | null;
  readonly more: boolean;
  readonly #cut: boolean;
  readonly #part: ReadonlySet<ModelReading> | undefined;
  /** As the queue named it. */
  id = 0;

  constructor(sink: ModelSink, request: ClaimRequest, { taken, more, cut, part }: Batch, replay: ModelReplay | null) {
    this.sink = sink;
    this.request = request;
    this.items = taken;
    this.more = more;
    this.#cut = cut;
    this.#part = part;
    this.replay = replay;
  }

  holds(minute: Minute): boolean {
    return this.replay === null && this.items.some((item) => item.kind === 'reading' && item.minute === minute);
  }

  /** Whether the minute of the last of the first `length` items is in there to its end. */
  endsMinute(length: number): boolean {
    const next = this.items[length];
    return next === undefined ? !this.#cut : next.minute !== this.items[length - 1]?.minute;
  }

  /** Its readings are no longer owed. */
  settled(): void {
    const [first] = this.items;
    if (this.#part !== undefined && first !== undefined) this.sink.parts.set(first.minute, this.#part);
  }

  holdsLetter(letter: ModelLetter): boolean {
    return this.items.some((item) => item.kind === 'sample' && item.letter === letter);
  }
}

/** The result of a claim: applied with the next commit. */
export class Settled {
  readonly claim: ModelClaim;
  readonly #settlement: Settlement;

  constructor(claim: ModelClaim, settlement: Settlement) {
    this.claim = claim;
    this.#settlement = settlement;
  }

  /** How many letters it writes that are dead. */
  get deadLetters(): number {
    return this.claim.replay === null ? this.#settlement.deadLetters.length : 0;
  }

  apply(model: QueueModel): void {
    const { sink, request, replay, items } = this.claim;
    const { readings, deadLetters, tooOld } = this.#settlement;
    const settled = items.slice(0, readings);
    const values = settled.reduce((sum, item) => sum + item.values, 0);
    if (replay !== null) {
      replay.sent(settled, this.claim.endsMinute(readings));
      return replay.count(request.route, values - samplesIn(tooOld), samplesIn(tooOld));
    }
    for (const item of settled) {
      if (item.kind === 'reading') sink.owed.delete(item.reading);
      else item.letter.samples = item.letter.samples.slice(1);
    }
    this.claim.settled();
    sink.letters = sink.letters.filter(({ samples }) => samples.length > 0);
    const { ledger, routes } = sink;
    const nextRoute = routes[routes.findIndex(({ name }) => name === request.route) + 1]?.name ?? null;
    ledger[request.route === sink.firstRoute ? 'delivered' : 'late'] +=
      values - samplesIn(deadLetters) - samplesIn(tooOld);
    ledger.deadLettered += samplesIn(deadLetters);
    sink.letters.push(...deadLetters.map((draft) => letterOf(draft, null, ++model.lettersWritten)));
    if (nextRoute === null) ledger.expired += samplesIn(tooOld);
    else sink.letters.push(...tooOld.map((draft) => letterOf(draft, nextRoute, ++model.lettersWritten)));
  }
}

function letterOf(
  { device, quantity, reason, samples }: DeadLetterDraft,
  route: string | null,
  number: number,
): ModelLetter {
  const [first]: readonly (readonly [EpochMs, number])[] = samples;
  return { minute: minuteOf(first?.[0] ?? 0), device, quantity, reason, samples, route, number };
}

function samplesIn(drafts: readonly DeadLetterDraft[]): number {
  return drafts.reduce((sum, { samples }) => sum + samples.length, 0);
}
