/**
 * What an answer means: design section 7's table, pure. Success is an exact status together with a body in the API's form,
 * because portals and routers answer anything with a 200 or a page. Nothing here decides what happens next.
 */
import type { Outcome } from '../../model/outcome.ts';
import type { Answered } from './exchange.ts';
import { credentialsHint, pageHint } from './hints.ts';
import { bodyText, isPage, serverText } from './server-text.ts';
import type { Dialect, Sent, Verdict } from './verdict.ts';

/** Busy for now: Request Timeout, Too Early, Too Many Requests; with these every 5xx but 511. */
const BUSY = new Set([408, 425, 429]);
/** Something between us and the server speaks: Proxy Authentication Required, Network Authentication Required (RFC 6585). */
const BETWEEN = new Set([407, 511]);

export function classify(answer: Answered, sent: Sent, dialect: Dialect, url: URL): Outcome {
  const { status, body } = answer;
  const basis = basisOf(answer);
  const message = messageOf(answer);
  if (status === 202 || status === 400) {
    const page = isPage(body, answer.headers.contentType);
    const verdict = page ? null : dialect.read(status, body, sent);
    if (verdict !== null) return judge(verdict, status, sent, basis, message);
  }
  if (status === 400 || status === 415 || status === 422)
    return { kind: 'refused', ...basis, tryIdentity: sent.compressed, message };
  if (status === 413) return { kind: 'refused', ...basis, tryIdentity: false, message };
  if (BUSY.has(status) || (status >= 500 && !BETWEEN.has(status))) {
    const { retryAfterMs } = answer.headers;
    return { kind: 'retry', cause: 'busy', ...basis, message, ...(retryAfterMs !== undefined && { retryAfterMs }) };
  }
  if (status > 400 && !BETWEEN.has(status))
    return { kind: 'blocked', cause: 'credentials', ...basis, message, hint: credentialsHint(answer, dialect, url) };
  return { kind: 'blocked', cause: 'page', ...basis, message, hint: pageHint(answer, url) };
}

interface Basis {
  readonly status: number;
  readonly serverDate?: number;
  readonly bytesSent: number;
}

function judge(verdict: Verdict, status: number, sent: Sent, basis: Basis, message: string): Outcome {
  const { stored, counted, refused, unlisted } = verdict;
  if (refused.length > 0 || unlisted > 0) return { kind: 'partial', ...basis, refused, unlisted };
  // It says no and counts nothing as wrong: whatever it means, it is not that everything was stored.
  if (status === 400 && counted === stored) return { kind: 'refused', ...basis, tryIdentity: sent.compressed, message };
  if (stored > 0 || (sent.items.length === 0 && (counted > 0 || status === 202))) {
    const uncounted = sent.items.length - stored;
    return { kind: 'accepted', ...basis, ...(uncounted > 0 && { uncounted }) };
  }
  if (status === 400) return { kind: 'refused', ...basis, tryIdentity: sent.compressed, message };
  return { kind: 'retry', cause: 'busy', ...basis, message: `${message}: the server counts no line as stored` };
}

function basisOf({ status, headers, bytesSent }: Answered): Basis {
  return { status, bytesSent, ...(headers.serverDate !== undefined && { serverDate: headers.serverDate }) };
}

function messageOf({ status, headers, body }: Answered): string {
  if (headers.location !== undefined && status >= 300 && status < 400)
    return serverText(`HTTP ${status}: redirected to ${headers.location}`);
  const text = bodyText(body);
  return serverText(text === '' ? `HTTP ${status}` : `HTTP ${status}: ${text}`);
}
