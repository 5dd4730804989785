/**
 * A link that is opened again when it broke: after 1 s, later up to 60 s, and only when somebody wants to use it.
 *
 * Invariant: bytes and breaks of an earlier opening are never taken for those of the present one.
 */
import type { DurationMs, MonoMs } from '../../../model/time.ts';
import type { Clock } from '../../../platform/clock.ts';
import type { Log } from '../../../platform/log.ts';
import type { Link } from './link.ts';

export interface KeptLinkOptions {
  readonly link: Link;
  readonly clock: Clock;
  readonly log: Log;
  readonly onBytes: (bytes: Uint8Array) => void;
  /** It is not open any more. */
  readonly onDown: () => void;
}

const FIRST_REOPEN: DurationMs = 1_000;
const LAST_REOPEN: DurationMs = 60_000;
const NOT_OPEN = 'not opened yet';

export class KeptLink {
  readonly #options: KeptLinkOptions;
  #down: string | null = NOT_OPEN;
  #reopenAt: MonoMs = Number.NEGATIVE_INFINITY;
  #failures = 0;
  #openings = 0;
  /** What the present opening is known by; null: what comes is of none. */
  #opening: symbol | null = null;
  #closed = false;

  constructor(options: KeptLinkOptions) {
    this.#options = options;
  }

  /** Why it is not open; null while it is. */
  get down(): string | null {
    return this.#down;
  }

  /** How often it was opened, or tried to. */
  get openings(): number {
    return this.#openings;
  }

  write(bytes: Uint8Array): void {
    this.#options.link.write(bytes);
  }

  /** Opens it where it is closed and due. Never rejects. */
  async isOpen(): Promise<boolean> {
    const { link, clock, log, onBytes } = this.#options;
    if (this.#down === null) return true;
    if (clock.monoMs() < this.#reopenAt) return false;
    await link.close();
    // Perhaps only meanwhile.
    if (this.#closed) return false;
    const opening = Symbol('opening');
    this.#opening = opening;
    this.#openings++;
    try {
      await link.open({
        onBytes: (bytes) => {
          if (this.#opening === opening) onBytes(bytes);
        },
        onBroken: (reason) => this.#broke(opening, reason),
      });
    } catch (error) {
      this.#broke(opening, error instanceof Error ? error.message : String(error));
    }
    // It may have broken, or been closed, in the same moment.
    if (this.#opening !== opening) return false;
    this.#down = null;
    this.#failures = 0;
    log.info({ line: link.title }, 'the line is open');
    return true;
  }

  /** Closes it, to be opened anew when it is next used. */
  async hangUp(reason: string): Promise<void> {
    this.#opening = null;
    this.#down = reason;
    await this.#options.link.close();
  }

  /** For good. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.hangUp('closed');
  }

  #broke(opening: symbol, reason: string): void {
    const { clock, link, log, onDown } = this.#options;
    if (this.#opening !== opening) return;
    this.#opening = null;
    if (this.#down === null || this.#down === NOT_OPEN) log.warn({ line: link.title, reason }, 'the line is down');
    this.#down = reason;
    this.#reopenAt = clock.monoMs() + Math.min(LAST_REOPEN, FIRST_REOPEN * 2 ** this.#failures++);
    onDown();
  }
}
