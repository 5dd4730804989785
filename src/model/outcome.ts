/**
 * What a sink's answer means. The world does these things, so they are values; an exception is our own mistake.
 *
 * accepted  everything sent was stored
 * partial   everything was stored except the listed items (and `unlisted` further ones the server did not name)
 * retry     nothing is known to be stored; the same batch may succeed later, with nobody doing anything
 * refused   this body was refused as a whole; another body (identity instead of gzip, half of it) may be accepted
 * blocked   nothing will be accepted until a person changes something (token, URL, portal)
 */
import type { DurationMs, EpochMs } from './time.ts';

export type Outcome = Accepted | Partial | Retry | Refused | Blocked;

export interface Accepted extends Answer {
  readonly kind: 'accepted';
  /** How many items the server neither counted as stored nor refused; absent when there were none. They are taken for stored. */
  readonly uncounted?: number;
}

export interface Partial extends Answer {
  readonly kind: 'partial';
  readonly refused: readonly RefusedItem[];
  /** How many refused items the server counted but did not list. */
  readonly unlisted: number;
}

export interface RefusedItem {
  /** Position in what was sent, from 0. */
  readonly index: number;
  /** The server's own text, at most 500 characters. */
  readonly message: string;
}

export interface Retry extends Answer {
  readonly kind: 'retry';
  /** `unreachable`: no HTTP answer at all. `busy`: 408, 429, 5xx. `clock`: the certificate's dates say our clock is wrong. */
  readonly cause: 'unreachable' | 'busy' | 'clock';
  readonly message: string;
  readonly retryAfterMs?: DurationMs;
  /** A kept connection that the server had closed before it answered a single byte: worth one quick try on a new one. */
  readonly staleConnection?: true;
}

export interface Refused extends Answer {
  readonly kind: 'refused';
  /** Whether the same body uncompressed is worth a try (not after 413). */
  readonly tryIdentity: boolean;
  readonly message: string;
}

export interface Blocked extends Answer {
  readonly kind: 'blocked';
  /** `credentials`: 401, 403, 404, 405. `page`: a redirect, HTML, a 200: something stands between us and the sink. */
  readonly cause: 'credentials' | 'page';
  readonly message: string;
  readonly hint: string;
}

interface Answer {
  /** HTTP status; absent when there was no answer. */
  readonly status?: number;
  /** The server's `Date`, with half a second added for its truncation; absent when there was none. */
  readonly serverDate?: EpochMs;
  /** Bytes of request body put on the wire, all tries together. */
  readonly bytesSent: number;
}
