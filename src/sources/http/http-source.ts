/**
 * A device that is asked over HTTP: its paths one after the other, one request in flight. Each good answer is a payload whose
 * topic is the path without its first slash; the device gives no promise, so nobody brings it again.
 *
 * Invariants: redirects are not followed, a body is read up to the limit, an answer other than 200 is no reading, a password
 * that was refused is not sent again at each poll (see `PasswordTrials`).
 * States, after each round of its paths: connected when all were answered, failed when a login or the device's certificate
 * was refused, else connecting.
 * A device that is switched off at night is connecting; whether that is a failure is for `silentAfter` to say.
 */
import type { DurationMs } from '../../model/time.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Log } from '../../platform/log.ts';
import { InFlight } from '../in-flight.ts';
import type { Inlet, Source, SourceStatus } from '../source.ts';
import { get, type GetResult } from './get.ts';
import { Login, type LoginOptions } from './login.ts';
import { PasswordTrials } from './password-trials.ts';
import { Refusals, type Refusal } from './refusals.ts';

export interface HttpSourceOptions extends LoginOptions {
  readonly name: string;
  /** Without a slash at the end. */
  readonly url: string;
  readonly paths: readonly string[];
  readonly intervalMs: DurationMs;
  readonly timeoutMs: DurationMs;
  readonly maxPayloadBytes: number;
  /** PEM text of the authorities to trust instead of the system's; null: those. */
  readonly ca: string | null;
  readonly clock: Clock;
  readonly log: Log;
}

type Answer = Exclude<GetResult, { kind: 'refused' }> | ({ readonly kind: 'refused' } & Refusal);

export class HttpSource implements Source {
  readonly name: string;
  readonly type = 'http';
  /** Nobody waits for an acknowledgement. */
  readonly window = null;
  readonly #options: HttpSourceOptions;
  readonly #login: Login;
  readonly #trials: PasswordTrials;
  readonly #refusals = new Refusals();
  readonly #inFlight = new InFlight();
  readonly #stopping = new AbortController();
  #status: SourceStatus;
  #running: Promise<void> = Promise.resolve();

  constructor(options: HttpSourceOptions) {
    this.name = options.name;
    this.#options = options;
    this.#login = new Login(options);
    this.#trials = new PasswordTrials(this.#login.usualUse, options.paths);
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
      const now = clock.monoMs();
      due = Math.max(due + intervalMs, now);
      await clock.sleep(due - now, signal);
    }
  }

  /** Asks each path once that may be asked; null when it was stopped on the way. */
  async #round(inlet: Inlet): Promise<SourceStatus | null> {
    const { url, paths } = this.#options;
    if (this.#login.isRenewed) {
      this.#trials.reset();
      this.#refusals.clearAll();
    }
    const unanswered: { readonly detail: string; readonly hint: string | null }[] = [];
    for (const path of paths) {
      const result = await this.#ask(path);
      if (this.#stopping.signal.aborted) return null;
      if (result.kind === 'answer') this.#give(inlet, path.slice(1), result.bytes);
      else
        unanswered.push({
          detail: `${url}${path}: ${result.reason}.`,
          hint: result.kind === 'refused' ? result.hint : null,
        });
    }
    const worst = unanswered.find(({ hint }) => hint !== null) ?? unanswered[0];
    if (worst === undefined) return { state: 'connected', detail: null, problems: [] };
    const { detail, hint } = worst;
    if (hint === null) return { state: 'connecting', detail, problems: [] };
    const problem = { code: 'source.failed', message: `Source ${this.name}: ${detail}`, hint } as const;
    return { state: 'failed', detail, problems: [problem] };
  }

  async #ask(path: string): Promise<Answer> {
    const { url, timeoutMs, maxPayloadBytes, ca, clock } = this.#options;
    const now = clock.monoMs();
    const password = this.#refusals.standing(path, now) ?? this.#trials.use(path, now);
    if (typeof password !== 'string') return { kind: 'refused', ...password };
    const { signal } = this.#stopping;
    const options = { login: this.#login, password, ca, timeoutMs, maxBytes: maxPayloadBytes, signal };
    const result = await get(`${url}${path}`, options);
    this.#learn(path, result);
    return result;
  }

  /** What a result tells of the path's next requests. */
  #learn(path: string, result: GetResult): void {
    const now = this.#options.clock.monoMs();
    if (result.kind === 'answer') {
      this.#refusals.clear(path);
      if (result.password === 'sent') this.#trials.accept(path);
      else this.#trials.release(path);
    } else if (result.kind === 'refused' && result.password === 'sent') this.#trials.refuse(path, result, now);
    else if (result.kind === 'refused' && result.password === 'kept back') this.#trials.queue(path);
    else {
      if (result.kind === 'refused') this.#refusals.add(path, result, now);
      this.#trials.passOn(path, result.password === 'sent', now);
    }
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
