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

  /** Whether a reading of its last minute may be claimed behind it. What goes out device by device is settled in another order. */
  leaves(reading: ModelReading, { readings }: QueueModel): boolean {
    const last = this.items.at(-1);
    if (!this.#cut || this.goesByDevice || last?.kind !== 'reading' || last.minute !== minuteOf(reading.at))
      return false;
    return readings.indexOf(reading) > readings.indexOf(last.reading);
  }

  /** Its minute is too large to be claimed whole. */
  get goesByDevice(): boolean {
    return this.#part !== undefined;
  }

  /** Of these minutes it settles nothing: readings stored before its own are owed still. */
  overtaking(model: QueueModel): Set<Minute> {
    const minutes = new Set<Minute>();
    if (this.replay !== null || this.goesByDevice) return minutes;
    for (const [i, item] of this.items.entries()) {
      if (item.kind !== 'reading' || item.minute === this.items[i - 1]?.minute) continue;
      const before = model.readings.slice(0, model.readings.indexOf(item.reading));
      const isLeft = (reading: ModelReading): boolean =>
        minuteOf(reading.at) === item.minute && model.isStillOwed(this.sink, reading);
      if (before.some(isLeft)) minutes.add(item.minute);
    }
    return minutes;
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
  readonly #readings: number;
  readonly #items: readonly Item[];
  readonly #refused: Pick<Settlement, 'deadLetters' | 'tooOld'>;

  /** What was settled before, and is applied with the same commit, is known to the model. */
  constructor(claim: ModelClaim, { readings, deadLetters, tooOld }: Settlement, model: QueueModel) {
    const overtaken = claim.overtaking(model);
    const isSettled = ({ samples }: DeadLetterDraft): boolean => samples.every(([at]) => !overtaken.has(minuteOf(at)));
    this.claim = claim;
    this.#readings = readings;
    this.#items = claim.items.slice(0, readings).filter(({ minute }) => !overtaken.has(minute));
    this.#refused = { deadLetters: deadLetters.filter(isSettled), tooOld: tooOld.filter(isSettled) };
  }

  /** How many letters it writes that are dead. */
  get deadLetters(): number {
    return this.claim.replay === null ? this.#refused.deadLetters.length : 0;
  }

  /** Whether a reading is no longer owed after it. */
  settles(reading: ModelReading): boolean {
    return (
      this.claim.replay === null && this.#items.some((item) => item.kind === 'reading' && item.reading === reading)
    );
  }

  apply(model: QueueModel): void {
    const { sink, request, replay } = this.claim;
    const { deadLetters, tooOld } = this.#refused;
    const settled = this.#items;
    const values = settled.reduce((sum, item) => sum + item.values, 0);
    if (replay !== null) {
      replay.sent(settled, this.claim.endsMinute(this.#readings), model);
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
