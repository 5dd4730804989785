/**
 * A sink is a destination. It declares its routes; a route turns items into text (one line or one JSON document each) and
 * sends them, answering with an Outcome. It holds no reading after `send` returned and decides nothing about retries.
 */
import type { ItemTexts } from '../model/item-texts.ts';
import type { Outcome } from '../model/outcome.ts';
import type { LateReading, Sample } from '../model/sample.ts';
import type { DurationMs } from '../model/time.ts';

export interface Sink {
  readonly name: string;
  readonly type: string;
  /** In order of preference: what is too old for one route is owed on the next. At least one. */
  readonly routes: readonly Route[];
  /** How values are sent on routes that take samples. */
  readonly resolution: 'minute' | 'raw';
  /** The longest a due value waits for company. */
  readonly flushMs: DurationMs;
  /** Whether the sink, when first configured, is owed what is already stored. */
  readonly backfill: boolean;
  /** True when a secret changed on disk since the last call: a blocked route may try at once. */
  credentialsChanged(): boolean;
  close(): Promise<void>;
}

export type Route = SampleRoute | ReadingRoute;

interface RouteBase {
  readonly name: string;
  /** How far in the past this route takes values. */
  readonly behindMs: DurationMs;
  /** How far in the future. */
  readonly aheadMs: DurationMs;
  /** Limits of one request. */
  readonly maxItems: number;
  readonly maxBytes: number;
  /** The one character between two items of a request. */
  readonly separator: string;
  /**
   * Begins to compress a request's items before it is their turn; for `send` with the same items, which hears of a failure. Null
   * where a request of them would not be sent compressed.
   */
  compress?(items: ItemTexts): Promise<Buffer> | null;
  /**
   * Sends encoded items as one request. The gateway's health rides along where there is room; the outcome speaks only of `items`.
   * Never rejects for what the world does.
   */
  send(items: ItemTexts, options: SendOptions): Promise<Outcome>;
}

export interface SampleRoute extends RouteBase {
  readonly takes: 'samples';
  /** One line. Null when the sink has no form for it (an unknown quantity): such values are dead-lettered with that reason. */
  encode(sample: Sample): string | null;
}

export interface ReadingRoute extends RouteBase {
  readonly takes: 'readings';
  encode(reading: LateReading): string | null;
}

export interface SendOptions {
  readonly signal: AbortSignal;
  /** Send uncompressed. */
  readonly identity?: boolean;
  /** The items as `compress` made them. */
  readonly compressed?: Promise<Buffer>;
  /** The gateway's own health, as named values; see HealthSample. */
  readonly health?: readonly HealthSample[];
}

/** A value about the gateway itself: never queued, in no ledger. */
export interface HealthSample {
  /** Such as `gateway.queue.pending`. */
  readonly key: string;
  readonly value: number;
  readonly dimensions: Readonly<Record<string, string>>;
}
