/**
 * The one owner of a line: requests go strictly one after the other, each answer is held against its request, and what is
 * late is never taken for the answer to another (see `Debts`).
 *
 * States: closed (see `KeptLink`), idle, asking (a request waits for its answer), quiet (see `Silence`).
 * Reads never reject for what the world does.
 */
import type { DurationMs, MonoMs } from '../../model/time.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Log } from '../../platform/log.ts';
import { Debts } from './debts.ts';
import type { Framing } from './framing/framing.ts';
import { KeptLink } from './link/kept-link.ts';
import type { Link } from './link/link.ts';
import type { Answer, ReadRequest } from './read-request.ts';
import { Silence } from './silence.ts';

export type ReadOutcome =
  | Answer
  | { readonly kind: 'timeout' }
  /** The line itself is down. */
  | { readonly kind: 'down'; readonly reason: string };

export interface BusOptions {
  readonly link: Link;
  readonly framing: Framing;
  /** Between an answer and the next request. */
  readonly gapMs: DurationMs;
  readonly timeoutMs: DurationMs;
  readonly clock: Clock;
  readonly log: Log;
}

export interface BusCounts {
  readonly requests: number;
  readonly timeouts: number;
  readonly invalid: number;
  /** Times bytes came that nobody waited for: a late answer, noise, a second master. */
  readonly strays: number;
  readonly openings: number;
}

/** After so many requests in a row without a single byte the line is opened anew: a peer may have forgotten us. */
const REOPEN_AFTER_UNANSWERED = 10;

export class Bus {
  readonly #options: BusOptions;
  readonly #line: KeptLink;
  readonly #silence: Silence;
  readonly #debts = new Debts();
  readonly #closing = new AbortController();
  readonly #counts = { requests: 0, timeouts: 0, invalid: 0, late: 0 };
  #last: Promise<unknown> = Promise.resolve();
  #received = new Uint8Array();
  /** Called when bytes have come, or the line broke, while a request waits. */
  #wake: (() => void) | null = null;
  #sequence = 0;
  #unanswered = 0;
  /** When the last request was made, while nothing good has come for it. */
  #owedSince: MonoMs | null = null;

  constructor(options: BusOptions) {
    const { link, clock, log } = options;
    this.#options = options;
    this.#silence = new Silence(clock);
    this.#line = new KeptLink({
      link,
      clock,
      log,
      onBytes: (bytes) => this.#take(bytes),
      onDown: () => this.#wake?.(),
    });
  }

  /** Why the line is down; null while it is open. */
  get down(): string | null {
    return this.#line.down;
  }

  get counts(): BusCounts {
    const { requests, timeouts, invalid, late } = this.#counts;
    return { requests, timeouts, invalid, strays: late + this.#silence.bursts, openings: this.#line.openings };
  }

  /** Reads when those who asked before have their answers. */
  read(request: ReadRequest): Promise<ReadOutcome> {
    const outcome = this.#last.then(() => this.#read(request));
    this.#last = outcome.catch(() => undefined);
    return outcome;
  }

  /** Gives up what is being read and closes the line. */
  async close(): Promise<void> {
    this.#closing.abort();
    this.#wake?.();
    // First, because opening a connection may take long.
    await this.#line.close();
    await this.#last;
  }

  async #read(request: ReadRequest): Promise<ReadOutcome> {
    if (this.#unanswered >= REOPEN_AFTER_UNANSWERED) {
      this.#unanswered = 0;
      await this.#line.hangUp('nothing came any more');
    }
    if (!(await this.#line.isOpen())) return this.#isDown();
    if (!this.#mayBeMistaken(request)) return this.#ask(request);
    const probe = this.#debts.probeFor(request, this.#options.clock.monoMs());
    // No answer could be told from a late one. Debts grow old, so that this ends.
    if (probe === null) return { kind: 'timeout' };
    const outcome = await this.#ask(probe);
    // That there are no registers for the probe says nothing about those that are wanted.
    return outcome.kind === 'data' || outcome.kind === 'exception' ? this.#ask(request) : outcome;
  }

  async #ask(request: ReadRequest): Promise<ReadOutcome> {
    const { framing, gapMs, clock } = this.#options;
    if (!(await this.#silence.whenQuiet(this.#closing.signal))) return this.#noisy();
    if (this.#closing.signal.aborted || this.#line.down !== null) return this.#isDown();
    const inDebt = !framing.identifies && this.#debts.owes(request.unit, clock.monoMs());
    this.#sequence = (this.#sequence + 1) & 0xffff;
    this.#received = new Uint8Array();
    this.#counts.requests++;
    const askedAt = clock.monoMs();
    this.#owedSince = askedAt;
    this.#line.write(framing.encode(request, this.#sequence));
    const outcome = await this.#answer(request);
    this.#unanswered = outcome.kind === 'timeout' && this.#received.length === 0 ? this.#unanswered + 1 : 0;
    if ((outcome.kind === 'data' && !this.#mayBeMistaken(request)) || (outcome.kind === 'exception' && !inDebt)) {
      this.#owedSince = null;
      this.#debts.clear(request.unit);
      this.#silence.afterAnswer(gapMs);
      return outcome;
    }
    this.#debts.add(request, askedAt);
    this.#silence.afterNone();
    if (outcome.kind === 'exception' && (await this.#nothingFollows())) return outcome;
    if (outcome.kind === 'timeout') this.#counts.timeouts++;
    if (outcome.kind === 'timeout' || outcome.kind === 'down') return outcome;
    this.#counts.invalid++;
    return outcome.kind === 'invalid'
      ? outcome
      : { kind: 'invalid', reason: 'an answer that may be to an earlier request' };
  }

  async #answer(request: ReadRequest): Promise<ReadOutcome> {
    const { framing, timeoutMs, clock } = this.#options;
    const deadline = clock.monoMs() + timeoutMs;
    try {
      for (;;) {
        if (this.#line.down !== null) return this.#isDown();
        const decoded = framing.decode(this.#received, request, this.#sequence);
        if (decoded.kind === 'answer') return decoded.answer;
        if (decoded.kind === 'foreign') {
          if (decoded.late) this.#counts.late++;
          this.#received = this.#received.slice(decoded.bytes);
          continue;
        }
        const left = deadline - clock.monoMs();
        if (left <= 0) return { kind: 'timeout' };
        await this.#bytesOrDeadline(left);
      }
    } finally {
      this.#wake = null;
    }
  }

  async #bytesOrDeadline(ms: DurationMs): Promise<void> {
    const come = new AbortController();
    this.#wake = () => come.abort();
    await this.#options.clock.sleep(ms, come.signal);
  }

  /**
   * Whether an exception was the last word. It has no length that could tell one from another: while an earlier request is
   * owed an answer it is believed only when the line stays quiet after it, and it pays no debt.
   */
  async #nothingFollows(): Promise<boolean> {
    const { bursts } = this.#silence;
    return (await this.#silence.whenQuiet(this.#closing.signal)) && this.#silence.bursts === bursts;
  }

  #mayBeMistaken(request: ReadRequest): boolean {
    const { framing, clock } = this.#options;
    return !framing.identifies && this.#debts.mayBeMistaken(request, clock.monoMs());
  }

  #take(bytes: Uint8Array): void {
    if (this.#wake === null) {
      this.#silence.stray(this.#owedSince);
      return;
    }
    this.#received = Uint8Array.of(...this.#received, ...bytes);
    this.#wake();
  }

  #isDown(): ReadOutcome {
    return { kind: 'down', reason: this.#line.down ?? 'closed' };
  }

  #noisy(): ReadOutcome {
    this.#counts.invalid++;
    return { kind: 'invalid', reason: 'the line is never quiet: another speed, or another master uses it' };
  }
}
