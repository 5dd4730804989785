/**
 * The one owner of a line: requests go strictly one after the other, each answer is held against its request, and what is
 * late is never taken for the answer to another (see `Debts`).
 *
 * States: closed (not opened yet, or broken: opened again after 1 s, later up to 60 s), idle, asking (a request waits for its
 * answer), quiet (after a request without a good answer the line is left alone until nothing has come for a while).
 * Reads never reject for what the world does.
 */
import type { DurationMs, MonoMs } from '../../model/time.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Log } from '../../platform/log.ts';
import { Debts } from './debts.ts';
import type { Framing } from './framing/framing.ts';
import type { Link } from './link/link.ts';
import type { Answer, ReadRequest } from './read-request.ts';

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

const QUIET: DurationMs = 1_500;
/** However late an answer was seen, the line is not left alone for longer. */
const LONGEST_QUIET: DurationMs = 10_000;
const FIRST_REOPEN: DurationMs = 1_000;
const LAST_REOPEN: DurationMs = 60_000;
const NOT_OPEN = 'not opened yet';

export class Bus {
  readonly #options: BusOptions;
  readonly #debts = new Debts();
  readonly #closing = new AbortController();
  readonly #counts = { requests: 0, timeouts: 0, invalid: 0, strays: 0, openings: 0 };
  #last: Promise<unknown> = Promise.resolve();
  #received = new Uint8Array();
  /** Called when bytes have come, or the line broke, while a request waits. */
  #wake: (() => void) | null = null;
  /** Why the line is closed; null while it is open. */
  #down: string | null = NOT_OPEN;
  #notBefore: MonoMs = Number.NEGATIVE_INFINITY;
  #reopenAt: MonoMs = Number.NEGATIVE_INFINITY;
  #failures = 0;
  #sequence = 0;
  #quietMs = QUIET;
  #askedAt: MonoMs = Number.NEGATIVE_INFINITY;

  constructor(options: BusOptions) {
    this.#options = options;
  }

  /** Why the line is down; null while it is open. */
  get down(): string | null {
    return this.#down;
  }

  get counts(): BusCounts {
    return { ...this.#counts };
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
    await this.#last;
    await this.#options.link.close();
    this.#down = 'closed';
  }

  async #read(request: ReadRequest): Promise<ReadOutcome> {
    if (!(await this.#isOpen())) return { kind: 'down', reason: this.#down ?? 'closed' };
    if (!this.#options.framing.identifies && this.#debts.mayBeMistaken(request)) {
      const probe = this.#debts.probeFor(request);
      if (probe === null) return { kind: 'invalid', reason: 'no answer could be told from a late one' };
      const outcome = await this.#ask(probe);
      if (outcome.kind !== 'data') return outcome;
    }
    return this.#ask(request);
  }

  async #ask(request: ReadRequest): Promise<ReadOutcome> {
    const { link, framing, gapMs, clock } = this.#options;
    await this.#untilQuiet();
    if (this.#closing.signal.aborted || this.#down !== null) return { kind: 'down', reason: this.#down ?? 'closed' };
    const owed = !framing.identifies && this.#debts.owes(request.unit);
    this.#sequence = (this.#sequence + 1) & 0xffff;
    this.#received = new Uint8Array();
    this.#counts.requests++;
    this.#askedAt = clock.monoMs();
    link.write(framing.encode(request, this.#sequence));
    const outcome = await this.#answer(request);
    this.#notBefore = clock.monoMs() + gapMs;
    if (outcome.kind === 'data') {
      this.#debts.clear(request.unit);
      return outcome;
    }
    if (outcome.kind === 'exception' && !owed) return outcome;
    this.#debts.add(request);
    this.#notBefore = clock.monoMs() + this.#quietMs;
    if (outcome.kind === 'timeout') this.#counts.timeouts++;
    if (outcome.kind === 'exception')
      return { kind: 'invalid', reason: 'an exception that may be of an earlier request' };
    if (outcome.kind === 'invalid') this.#counts.invalid++;
    return outcome;
  }

  async #answer(request: ReadRequest): Promise<ReadOutcome> {
    const { framing, timeoutMs, clock } = this.#options;
    const deadline = clock.monoMs() + timeoutMs;
    try {
      for (;;) {
        if (this.#down !== null) return { kind: 'down', reason: this.#down };
        if (this.#closing.signal.aborted) return { kind: 'down', reason: 'closed' };
        const decoded = framing.decode(this.#received, request, this.#sequence);
        if (decoded.kind === 'answer') return decoded.answer;
        if (decoded.kind === 'foreign') {
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

  /** The gap after an answer, or the quiet after none: bytes that nobody waits for begin it anew. */
  async #untilQuiet(): Promise<void> {
    const { clock } = this.#options;
    for (let left = this.#notBefore - clock.monoMs(); left > 0; left = this.#notBefore - clock.monoMs()) {
      await clock.sleep(left, this.#closing.signal);
      if (this.#closing.signal.aborted) return;
    }
  }

  async #isOpen(): Promise<boolean> {
    if (this.#closing.signal.aborted) return false;
    if (this.#down === null) return true;
    const { link, clock, log } = this.#options;
    if (clock.monoMs() < this.#reopenAt) return false;
    await link.close();
    try {
      this.#counts.openings++;
      let broken = false;
      await link.open({
        onBytes: (bytes) => this.#take(bytes),
        onBroken: (reason) => {
          if (!broken) this.#broke(reason);
          broken = true;
        },
      });
      if (broken) return false;
      this.#down = null;
      this.#failures = 0;
      log.info({ line: link.title }, 'the line is open');
      return true;
    } catch (error) {
      this.#broke(error instanceof Error ? error.message : String(error));
      return false;
    }
  }

  #broke(reason: string): void {
    const { clock, link, log } = this.#options;
    if (this.#closing.signal.aborted) return;
    if (this.#down === null || this.#down === NOT_OPEN) log.warn({ line: link.title, reason }, 'the line is down');
    this.#down = reason;
    this.#reopenAt = clock.monoMs() + Math.min(LAST_REOPEN, FIRST_REOPEN * 2 ** this.#failures++);
    this.#wake?.();
  }

  #take(bytes: Uint8Array): void {
    if (this.#wake !== null) {
      this.#received = Uint8Array.of(...this.#received, ...bytes);
      this.#wake();
      return;
    }
    const now = this.#options.clock.monoMs();
    this.#counts.strays++;
    this.#quietMs = Math.min(LONGEST_QUIET, Math.max(this.#quietMs, 1.5 * (now - this.#askedAt)));
    this.#notBefore = Math.max(this.#notBefore, now + this.#quietMs);
  }
}
