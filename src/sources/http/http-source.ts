/**
 * A device that is asked over HTTP: its paths one after the other, one request in flight. Each good answer is a payload whose
 * topic is the path without its first slash; the device gives no promise, so nobody brings it again.
 *
 * Invariants: redirects are not followed, a body is read up to the limit, an answer other than 200 is no reading.
 * States, after each round of its paths: connected when all were answered, failed when a login was refused, else connecting.
 * A device that is switched off at night is connecting; whether that is a failure is for `silentAfter` to say.
 */
import type { DurationMs } from '../../model/time.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Log } from '../../platform/log.ts';
import { InFlight } from '../in-flight.ts';
import type { Inlet, Source, SourceStatus } from '../source.ts';
import { get, type GetResult } from './get.ts';
import { Login, type LoginOptions } from './login.ts';

export interface HttpSourceOptions extends LoginOptions {
  readonly name: string;
  /** Without a slash at the end. */
  readonly url: string;
  readonly paths: readonly string[];
  readonly intervalMs: DurationMs;
  readonly timeoutMs: DurationMs;
  readonly maxPayloadBytes: number;
  readonly clock: Clock;
  readonly log: Log;
}

export class HttpSource implements Source {
  readonly name: string;
  readonly type = 'http';
  /** Nobody waits for an acknowledgement. */
  readonly window = null;
  readonly #options: HttpSourceOptions;
  readonly #login: Login;
  readonly #inFlight = new InFlight();
  readonly #stopping = new AbortController();
  #status: SourceStatus;
  #running: Promise<void> = Promise.resolve();

  constructor(options: HttpSourceOptions) {
    this.name = options.name;
    this.#options = options;
    this.#login = new Login(options);
    this.#status = { state: 'connecting', detail: `Asking ${options.url}.`, problems: [] };
  }

  start(inlet: Inlet): Promise<void> {
    this.#running = this.#run(inlet);
    return Promise.resolve();
  }

  async stop(deadlineMs: DurationMs): Promise<void> {
    const { clock } = this.#options;
    this.#stopping.abort();
    await this.#running;
    const waiting = new AbortController();
    await Promise.race([this.#inFlight.whenIdle(), clock.sleep(deadlineMs, waiting.signal)]);
    waiting.abort();
  }

  status(): SourceStatus {
    return this.#status;
  }

  async #run(inlet: Inlet): Promise<void> {
    const { clock, intervalMs } = this.#options;
    const { signal } = this.#stopping;
    for (let due = clock.monoMs(); !signal.aborted;) {
      const status = await this.#round(inlet);
      if (status !== null) this.#report(status);
      due = Math.max(due + intervalMs, clock.monoMs());
      await clock.sleep(due - clock.monoMs(), signal);
    }
  }

  /** Asks each path once; null when it was stopped on the way. */
  async #round(inlet: Inlet): Promise<SourceStatus | null> {
    const { url, paths } = this.#options;
    const unanswered: { readonly refused: boolean; readonly detail: string }[] = [];
    for (const path of paths) {
      const result = await this.#ask(path);
      if (this.#stopping.signal.aborted) return null;
      if (result.kind === 'answer') this.#give(inlet, path.slice(1), result.bytes);
      else unanswered.push({ refused: result.kind === 'refused', detail: `${url}${path}: ${result.reason}.` });
    }
    const worst = unanswered.find(({ refused }) => refused) ?? unanswered[0];
    if (worst === undefined) return { state: 'connected', detail: null, problems: [] };
    return { state: worst.refused ? 'failed' : 'connecting', detail: worst.detail, problems: [] };
  }

  #ask(path: string): Promise<GetResult> {
    const { url, timeoutMs, maxPayloadBytes } = this.#options;
    const { signal } = this.#stopping;
    return get(`${url}${path}`, { login: this.#login, timeoutMs, maxBytes: maxPayloadBytes, signal });
  }

  /** A device that is off all night is worth one line in the log. */
  #report(status: SourceStatus): void {
    const { detail } = status;
    if (detail !== this.#status.detail && detail !== null)
      this.#options.log.warn({ source: this.name, detail }, 'a device gave no answer to use');
    this.#status = status;
  }

  #give(inlet: Inlet, topic: string, bytes: Uint8Array): void {
    if (this.#inFlight.full) {
      inlet.drop(topic, 'the queue has taken nothing for too long');
      return;
    }
    this.#inFlight.take(bytes.length);
    const receivedMono = this.#options.clock.monoMs();
    inlet
      .accept({ topic, bytes, retained: false, waited: false, qos: 0, receivedMono })
      .catch(() => undefined)
      .finally(() => this.#inFlight.release(bytes.length));
  }
}
