import type { Problem } from '../../model/problem.ts';
import type { DurationMs, MonoMs } from '../../model/time.ts';
import type { Clock } from '../../platform/clock.ts';

const ECHO_WITHIN: DurationMs = 10_000;
/** After an acknowledgement a queue that still holds messages answers well within this. */
const QUIET: DurationMs = 500;

export interface MarkerLink {
  /** Publishes to our own topic at QoS 1; the reason code, or null when the connection is gone. */
  publish(payload: Buffer): Promise<number | null>;
  /** Messages taken and not yet acknowledged. */
  inFlight(): number;
}

/**
 * Tells which messages of one connection had waited in the broker's session while we were away: those before the echo of
 * a marker that we publish to ourselves, because a broker delivers a session's queue in order.
 *
 * waiting  everything that arrives counts as having waited
 * live     the echo came; or there was no session to wait in; or there will be no echo, 10 s have passed and the
 *          broker, with everything acknowledged, has been quiet
 */
export class WaitedDetector {
  readonly #clock: Clock;
  readonly #topic: string;
  readonly #payload: Buffer;
  readonly #echoed = new AbortController();
  #waiting: boolean;
  #lastMessage: MonoMs = 0;
  #problem: Problem | null = null;

  constructor(options: { clock: Clock; topic: string; payload: Buffer; sessionPresent: boolean }) {
    this.#clock = options.clock;
    this.#topic = options.topic;
    this.#payload = options.payload;
    this.#waiting = options.sessionPresent;
  }

  get waiting(): boolean {
    return this.#waiting;
  }

  get problem(): Problem | null {
    return this.#problem;
  }

  /** Notes a message on any other topic. */
  sawMessage(): void {
    if (this.#waiting) this.#lastMessage = this.#clock.monoMs();
  }

  /** Notes a message on the marker's topic; one of an earlier connection says nothing. */
  sawMarker(payload: Uint8Array): void {
    if (!this.#payload.equals(payload)) return;
    this.#waiting = false;
    this.#problem = null;
    this.#echoed.abort();
  }

  /** Publishes the marker and waits for its echo; without one, decides by quiet. Ends early with the signal. */
  async run(link: MarkerLink, signal: AbortSignal): Promise<void> {
    if (!this.#waiting) return;
    const over = AbortSignal.any([signal, this.#echoed.signal]);
    let askedAt = this.#ask(link);
    await this.#clock.sleep(ECHO_WITHIN, over);
    while (!over.aborted) {
      this.#problem ??= this.#describe(`gets no echo from ${this.#topic}`);
      if (this.#quiet(link)) {
        this.#waiting = false;
        return;
      }
      // A broker with a full queue drops the marker, so it is sent again.
      if (this.#clock.monoMs() - askedAt >= ECHO_WITHIN) askedAt = this.#ask(link);
      await this.#clock.sleep(QUIET, over);
    }
  }

  #ask(link: MarkerLink): MonoMs {
    void link.publish(this.#payload).then((code) => {
      if (code !== null && code >= 0x80) this.#problem = this.#describe(`may not publish to ${this.#topic}`);
    });
    return this.#clock.monoMs();
  }

  #quiet(link: MarkerLink): boolean {
    return link.inFlight() === 0 && this.#clock.monoMs() - this.#lastMessage >= QUIET;
  }

  #describe(what: string): Problem {
    return {
      code: 'source.marker',
      message: `The gateway ${what}, so it cannot tell which messages had waited at the broker.`,
      hint: `Allow the gateway's user to publish and subscribe to ${this.#topic} in the broker's access list.`,
    };
  }
}
