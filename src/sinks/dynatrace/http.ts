/**
 * One POST to Dynatrace: kept connections, strict TLS, a limit on every phase, no redirect followed. Whatever the network does
 * comes back as a value; the token is read anew for each request. Nothing here knows lines, events or retries.
 */
import { SECOND, type DurationMs } from '../../model/time.ts';
import type { Clock } from '../../platform/clock.ts';
import { request, type ResponseData } from '../../platform/http-client.ts';
import { answerHeaders } from './answer-headers.ts';
import { compress, isCompressible } from './compress.ts';
import { Connections, type Received } from './connections.ts';
import { Deadline } from './deadline.ts';
import type { Answered, Exchange, Unanswered } from './exchange.ts';
import { errorCode, failedBeforeSending, networkFailure } from './network-error.ts';

/** After so many failures in a row the kept connections are suspect: a changed network leaves them silent. */
const FAILURES_UNTIL_RENEWAL = 2;

export interface HttpOptions {
  readonly url: URL;
  readonly userAgent: string;
  readonly ca?: string;
  readonly insecureSkipVerify: boolean;
  readonly clock: Clock;
  readonly limits?: Partial<TimeLimits>;
}

export interface TimeLimits {
  readonly connectMs: DurationMs;
  /** Until an answer begins, beyond what the body needs on the slowest line. */
  readonly headersMs: DurationMs;
  readonly bodyMs: DurationMs;
  /** The whole request, from the first byte sent to the last received. */
  readonly totalMs: DurationMs;
}

export interface Post {
  /** Below the base URL, such as `/api/v2/metrics/ingest`. */
  readonly path: string;
  readonly contentType: string;
  readonly token: string;
  /** Its memory may be used for something else once this one is answered or given up. */
  readonly body: Buffer;
  /** The body as `compress` made it, should it have been begun already. */
  readonly compressed?: Promise<Buffer>;
  readonly identity: boolean;
  readonly signal: AbortSignal;
}

/** The line may be as slow as this, once for each request that shares it: so much longer may the answer to a large body take. */
const SLOWEST_BYTES_PER_SECOND = 1_000;

const LIMITS: TimeLimits = {
  connectMs: 3 * SECOND,
  headersMs: 10 * SECOND,
  bodyMs: 15 * SECOND,
  totalMs: 60 * SECOND,
};

export class Http {
  readonly #options: HttpOptions;
  readonly #limits: TimeLimits;
  readonly #connections: Connections;
  #failures = 0;

  constructor(options: HttpOptions) {
    this.#options = options;
    this.#limits = { ...LIMITS, ...options.limits };
    this.#connections = new Connections({ ...options, ...this.#limits });
  }

  /** Whether a certificate vouches for whoever answers. */
  get isVerified(): boolean {
    const { url, insecureSkipVerify } = this.#options;
    return url.protocol === 'https:' && !insecureSkipVerify;
  }

  async post(post: Post): Promise<Exchange> {
    const compressed = !post.identity && isCompressible(post.body);
    const body = compressed ? await (post.compressed ?? compress(post.body)) : Buffer.from(post.body);
    const before = this.#connections.received();
    const deadline = new Deadline(post.signal, this.#limits.totalMs);
    try {
      const answer = await request(this.#connections.agent, {
        origin: this.#options.url.origin,
        path: this.#pathOf(post),
        method: 'POST',
        body,
        signal: deadline.signal,
        headersTimeout: this.#limits.headersMs + (body.length / SLOWEST_BYTES_PER_SECOND) * SECOND,
        headers: {
          'user-agent': this.#options.userAgent,
          accept: 'application/json',
          authorization: `Api-Token ${post.token}`,
          'content-type': post.contentType,
          ...(compressed && { 'content-encoding': 'gzip' }),
        },
      });
      const answered = await this.#read(answer, body.length);
      this.#failures = 0;
      return answered;
    } catch (error) {
      return this.#unanswered(error, body.length, before, post.signal, deadline);
    } finally {
      deadline.end();
    }
  }

  /** Ends the connections; a running request fails. */
  async close(): Promise<void> {
    await this.#connections.close();
  }

  #pathOf({ path }: Post): string {
    return this.#options.url.pathname.replace(/\/+$/, '') + path;
  }

  async #read({ statusCode, headers, body }: ResponseData, bytesSent: number): Promise<Answered> {
    const read = answerHeaders(headers, this.#options.clock.wallMs());
    const text = await body.text().catch((error: unknown) => {
      // Whoever answers with more than the API ever would is not the API: the status and headers say the rest.
      if (errorCode(error) === 'UND_ERR_RES_EXCEEDED_MAX_SIZE') return '';
      throw error;
    });
    return { kind: 'answered', status: statusCode, headers: read, body: text, bytesSent };
  }

  #unanswered(error: unknown, size: number, before: Received, signal: AbortSignal, deadline: Deadline): Unanswered {
    const bytesSent = failedBeforeSending(error) ? 0 : size;
    if (signal.aborted) return failure('the request was given up because the gateway is stopping', bytesSent);
    const staleConnection = this.#connections.isStale(error, before);
    // The other kept connections are as old as a stale one; the quick retry must not meet them.
    if (staleConnection || ++this.#failures >= FAILURES_UNTIL_RENEWAL) {
      this.#failures = 0;
      this.#connections.renew();
    }
    const { host } = this.#options.url;
    if (deadline.hasPassed)
      return failure(`${host}: no complete answer within ${this.#limits.totalMs / SECOND} s`, bytesSent);
    return { kind: 'unanswered', ...networkFailure(error, host), bytesSent, staleConnection };
  }
}

function failure(message: string, bytesSent: number): Unanswered {
  return { kind: 'unanswered', cause: 'unreachable', message, bytesSent, staleConnection: false };
}
