/**
 * One device on a bus: reads what is due of it and says what came of it.
 *
 * States: new (it has not answered yet); answering; silent (nothing for some polls in a row: it is asked once a minute, with
 * one request). A device that loses its supply at night is asleep then, which is no failure until a day has passed.
 */
import { HOUR, MINUTE, type MonoMs } from '../../model/time.ts';
import { answeredByDevice } from './answered-by-device.ts';
import type { Bus, ReadOutcome } from './bus.ts';
import { PollPlan, type Piece, type PlannedBlock } from './poll-plan.ts';
import { readModels, type FoundModel } from './sunspec-walk.ts';

export interface PolledDeviceOptions {
  /** The dimension `device`; no slash in it. */
  readonly name: string;
  readonly unit: number;
  readonly maxWords: number;
  readonly blocks: readonly PlannedBlock[];
  /** SunSpec models to look for; empty for everything else. */
  readonly models: readonly number[];
  /** Whether it loses its supply at night. */
  readonly sleeps: boolean;
}

/** What one poll brought: data by `fc:start` and by model, in hex; and what cannot be used, with its reason. */
export interface Poll {
  readonly blocks: Readonly<Record<string, string>>;
  readonly models: Readonly<Record<string, readonly string[]>>;
  readonly refusals: readonly string[];
}

const SILENT_AFTER_POLLS = 3;
/** No night in which an inverter sleeps is longer. */
const LONGEST_NIGHT = 24 * HOUR;
const ILLEGAL_ADDRESS = 2;

export class PolledDevice {
  readonly options: PolledDeviceOptions;
  readonly #plan: PollPlan;
  #models: readonly FoundModel[] | null = null;
  #misses = 0;
  #askedAt: MonoMs = Number.NEGATIVE_INFINITY;
  /** Of its last answer; before the first, when it was first asked. */
  #answeredAt: MonoMs | null = null;
  #isNew = true;
  #trouble: string | null = null;

  constructor(options: PolledDeviceOptions) {
    this.options = options;
    this.#plan = new PollPlan(options.unit, options.blocks, options.maxWords);
  }

  get state(): 'new' | 'answering' | 'asleep' | 'silent' {
    if (this.#misses < SILENT_AFTER_POLLS) return this.#isNew ? 'new' : 'answering';
    const isNight = this.#askedAt - (this.#answeredAt ?? this.#askedAt) < LONGEST_NIGHT;
    return this.options.sleeps && isNight ? 'asleep' : 'silent';
  }

  /** When it last answered; null before the first time. */
  get answeredMono(): MonoMs | null {
    return this.#isNew ? null : this.#answeredAt;
  }

  /** Why its last poll brought nothing; null when it did. */
  get trouble(): string | null {
    return this.#trouble;
  }

  /** Null when it is not due, or brought nothing at all. */
  async poll(bus: Bus, now: MonoMs): Promise<Poll | null> {
    if (this.#misses >= SILENT_AFTER_POLLS && now - this.#askedAt < MINUTE) return null;
    this.#askedAt = now;
    this.#answeredAt ??= now;
    const refusals: string[] = [];
    const blocks: Record<string, string> = {};
    let answered = false;
    let unanswered = 0;
    const queue = this.#plan.due(now);
    for (let piece = queue.shift(); piece !== undefined; piece = queue.shift()) {
      const outcome = await bus.read(this.#plan.request(piece));
      answered ||= answeredByDevice(outcome);
      if (outcome.kind === 'data') blocks[`${piece.block.fc}:${piece.start}`] = hex(outcome.bytes);
      else if (outcome.kind === 'invalid') refusals.push(`registers ${named(piece)}: ${outcome.reason}`);
      queue.unshift(...this.#after(piece, outcome, now));
      if (isUnanswered(outcome)) unanswered++;
      // What else is due would only wait for the same timeout, unless a single answer was lost.
      if (outcome.kind === 'down' || unanswered > (answered ? 1 : 0)) break;
    }
    const models = this.options.models.length === 0 ? {} : await this.#readModels(bus, refusals);
    answered ||= Object.keys(models).length > 0;
    if (answered) {
      this.#misses = 0;
      this.#isNew = false;
      this.#answeredAt = now;
      this.#trouble = null;
    } else if (bus.down === null) {
      // A line that is down says nothing about its devices.
      this.#misses++;
    }
    const brought = Object.keys(blocks).length + Object.keys(models).length + refusals.length > 0;
    return brought ? { blocks, models, refusals } : null;
  }

  /** The line was opened anew. */
  reset(): void {
    this.#plan.reset();
    this.#models = null;
  }

  /** Notes an outcome; what is to be read instead. */
  #after(piece: Piece, outcome: ReadOutcome, now: MonoMs): readonly Piece[] {
    if (outcome.kind === 'data') this.#plan.done(piece, now);
    if (isUnanswered(outcome)) this.#trouble = `${this.options.name} (unit ${this.options.unit}) does not answer`;
    if (outcome.kind === 'invalid' || outcome.kind === 'down') this.#trouble = outcome.reason;
    if (outcome.kind !== 'exception' || isUnanswered(outcome)) return [];
    if (outcome.code === ILLEGAL_ADDRESS) return this.#plan.unreadable(piece);
    // Busy, or a failure of its own: it is asked again at its time.
    this.#trouble = `exception ${outcome.code} for registers ${named(piece)}`;
    return [];
  }

  async #readModels(bus: Bus, refusals: string[]): Promise<Record<string, string[]>> {
    const { unit, models, maxWords } = this.options;
    const result = await readModels(bus, { unit, wanted: models, maxWords, known: this.#models });
    this.#models = result.found;
    refusals.push(...result.refusals);
    if (result.trouble !== null) this.#trouble = result.trouble;
    return result.models;
  }
}

function isUnanswered(outcome: ReadOutcome): boolean {
  return outcome.kind === 'timeout' || (outcome.kind === 'exception' && !answeredByDevice(outcome));
}

function named({ block, start, count }: Piece): string {
  return `0x${start.toString(16).padStart(4, '0')} × ${count} (function ${block.fc})`;
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
