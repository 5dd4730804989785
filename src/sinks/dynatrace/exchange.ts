import type { DurationMs, EpochMs } from '../../model/time.ts';

/** What became of one HTTP request. */
export type Exchange = Answered | Unanswered;

export interface Answered {
  readonly kind: 'answered';
  readonly status: number;
  readonly headers: AnswerHeaders;
  readonly body: string;
  readonly bytesSent: number;
}

/** No answer, or none to the end: nothing is known. */
export interface Unanswered extends NetworkFailure {
  readonly kind: 'unanswered';
  readonly bytesSent: number;
  /** A kept connection that the server had closed before it answered this request with a single byte. */
  readonly staleConnection: boolean;
}

export interface NetworkFailure {
  readonly cause: 'unreachable' | 'clock';
  readonly message: string;
}

/** The headers that mean something to us. */
export interface AnswerHeaders {
  readonly serverDate?: EpochMs;
  /** The longest wait the server asks for. */
  readonly retryAfterMs?: DurationMs;
  readonly contentType?: string;
  readonly location?: string;
}
