import { EXIT, GatewayError } from '../model/error.ts';
import type { DurationMs } from '../model/time.ts';
import type { Clock } from '../platform/clock.ts';
import type { Publishes } from './publish-loop.ts';

/** One connection to a broker. */
export interface BrokerConnection extends Publishes {
  /** Resolves when it has ended, for whatever reason. */
  ended(): Promise<void>;
  close(): Promise<void>;
}

const PAUSE_MS: DurationMs = 2_000;

/** Publishes for as long as there is a connection, and opens a new one whenever there is none. */
export class ReconnectingPublisher implements Publishes {
  readonly #open: (signal: AbortSignal) => Promise<BrokerConnection>;
  readonly #clock: Clock;
  readonly #report: (sentence: string) => void;
  readonly #stop = new AbortController();
  #connection: BrokerConnection | null = null;
  #closing = false;

  constructor(options: {
    readonly open: (signal: AbortSignal) => Promise<BrokerConnection>;
    readonly clock: Clock;
    /** Told of every change: connected, or why not. */
    readonly report: (sentence: string) => void;
  }) {
    this.#open = options.open;
    this.#clock = options.clock;
    this.#report = options.report;
  }

  /** Connects, again and again, until `close`. Rejects when the settings can never work. */
  async run(connected: () => void): Promise<void> {
    let said = '';
    while (!this.#closing) {
      try {
        this.#connection = await this.#open(this.#stop.signal);
        said = '';
        this.#report('connected');
        connected();
        await this.#connection.ended();
        if (!this.#closing) this.#report('connection lost');
      } catch (error) {
        if (!(error instanceof GatewayError) || error.exitCode === EXIT.configuration) throw error;
        if (error.message !== said) this.#report(error.message);
        said = error.message;
      }
      this.#connection = null;
      await this.#clock.sleep(PAUSE_MS, this.#stop.signal);
    }
  }

  /** Rejects at once while there is no connection: a reader keeps nothing for later. */
  async publish(topic: string, payload: string, options: { qos: 0 | 1; retain: boolean }): Promise<void> {
    if (this.#connection === null) throw new Error('not connected');
    await this.#connection.publish(topic, payload, options);
  }

  async close(): Promise<void> {
    this.#closing = true;
    await this.#connection?.close();
    this.#stop.abort();
  }
}
