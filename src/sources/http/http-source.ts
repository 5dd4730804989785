/**
 * A device that is asked over HTTP: its paths one after the other, one request in flight. Each good answer is a payload whose
 * topic is the path without its first slash; the device gives no promise, so nobody brings it again.
 *
 * Invariants: redirects are not followed, a body is read up to the limit, an answer other than 200 is no reading.
 * States: connecting until the first good answer and after one that was none; failed while the device refuses the login.
 */
import type { DurationMs } from '../../model/time.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Log } from '../../platform/log.ts';
import { InFlight } from '../in-flight.ts';
import type { Inlet, Payload, Source, SourceStatus } from '../source.ts';
import { get } from './get.ts';
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
    const { clock, intervalMs, paths } = this.#options;
    const { signal } = this.#stopping;
    for (let due = clock.monoMs(); !signal.aborted;) {
      for (const path of paths) {
        if (signal.aborted) return;
        await this.#ask(inlet, path);
      }
      due = Math.max(due + intervalMs, clock.monoMs());
      await clock.sleep(due - clock.monoMs(), signal);
    }
  }

  async #ask(inlet: Inlet, path: string): Promise<void> {
    const { url, timeoutMs, maxPayloadBytes, clock, log } = this.#options;
    const result = await get(`${url}${path}`, {
      login: this.#login,
      timeoutMs,
      maxBytes: maxPayloadBytes,
      signal: this.#stopping.signal,
    });
    if (this.#stopping.signal.aborted) return;
    if (result.kind === 'answer') {
      this.#status = { state: 'connected', detail: null, problems: [] };
      this.#give(inlet, {
        topic: path.slice(1),
        bytes: result.bytes,
        retained: false,
        waited: false,
        qos: 0,
        receivedMono: clock.monoMs(),
      });
      return;
    }
    const detail = `${url}${path}: ${result.reason}.`;
    const state = result.kind === 'refused' ? 'failed' : 'connecting';
    if (this.#status.detail !== detail) log.warn({ source: this.name, detail }, 'a device gave no answer to use');
    this.#status = { state, detail, problems: [] };
  }

  #give(inlet: Inlet, payload: Payload): void {
    const { length } = payload.bytes;
    if (this.#inFlight.full) {
      inlet.drop(payload.topic, 'the queue has taken nothing for too long');
      return;
    }
    this.#inFlight.take(length);
    inlet
      .accept(payload)
      .catch(() => undefined)
      .finally(() => this.#inFlight.release(length));
  }
}
