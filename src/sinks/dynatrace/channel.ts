import type { Blocked, Outcome, Retry } from '../../model/outcome.ts';
import type { Secret } from '../../platform/secret.ts';
import { classify } from './classify.ts';
import { compress, isCompressible } from './compress.ts';
import { Compression } from './compression.ts';
import type { Unanswered } from './exchange.ts';
import { withoutForeignDate } from './foreign-date.ts';
import { unusableTokenHint } from './hints.ts';
import type { Http } from './http.ts';
import type { Dialect, Items } from './verdict.ts';

/** Visible ASCII: what a header can carry, and what a token consists of. */
const TOKEN = /^[\x21-\x7e]+$/;

export interface ChannelOptions {
  readonly http: Http;
  readonly token: Secret;
  readonly url: URL;
  readonly path: string;
  readonly contentType: string;
  readonly dialect: Dialect;
}

export interface Body {
  readonly bytes: Buffer;
  /** The same bytes, should they have been compressed ahead. */
  readonly compressed?: Promise<Buffer> | undefined;
  readonly items: Items;
  /** The items and the lines of our own behind them. */
  readonly lines: number;
}

/** One API of a Dynatrace environment: posts a body, and says what the answer means for its items. */
export class Channel {
  readonly #options: ChannelOptions;
  readonly #compression = new Compression();

  constructor(options: ChannelOptions) {
    this.#options = options;
  }

  /** Begins to compress a body; null where it is to be sent as it is. */
  compress(bytes: Buffer): Promise<Buffer> | null {
    return this.#compression.identityOnly || !isCompressible(bytes) ? null : compress(bytes);
  }

  async send(body: Body, signal: AbortSignal, asIdentity: boolean): Promise<Outcome> {
    const { http, path, contentType, dialect, url } = this.#options;
    const token = this.#token();
    if (typeof token !== 'string') return token;
    const identity = asIdentity || this.#compression.identityOnly;
    const { bytes, compressed } = body;
    const ahead = compressed && { compressed };
    const exchange = await http.post({ path, contentType, token, body: bytes, identity, signal, ...ahead });
    if (exchange.kind === 'unanswered') return retry(exchange);
    const compressible = isCompressible(bytes);
    const sent = { items: body.items, lines: body.lines, compressed: compressible && !identity };
    const classified = classify(exchange, sent, dialect, url);
    const outcome = http.isVerified ? classified : withoutForeignDate(classified, exchange);
    this.#compression.observe(compressible ? sent.compressed : null, outcome);
    return outcome;
  }

  #token(): string | Blocked {
    const { token } = this.#options;
    try {
      const value = token.reveal();
      return TOKEN.test(value) ? value : unusable('The token is empty or no single line of plain characters', token);
    } catch (error) {
      return unusable(error instanceof Error ? error.message : String(error), token);
    }
  }
}

function unusable(message: string, token: Secret): Blocked {
  return { kind: 'blocked', cause: 'credentials', message, hint: unusableTokenHint(token.origin), bytesSent: 0 };
}

function retry({ cause, message, bytesSent, staleConnection }: Unanswered): Retry {
  return { kind: 'retry', cause, message, bytesSent, ...(staleConnection && { staleConnection }) };
}
