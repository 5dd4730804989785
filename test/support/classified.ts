import type { Outcome } from '../../src/model/outcome.ts';
import { answerHeaders } from '../../src/sinks/dynatrace/answer-headers.ts';
import { bizeventsDialect } from '../../src/sinks/dynatrace/bizevents.ts';
import { classify } from '../../src/sinks/dynatrace/classify.ts';
import { metricsDialect } from '../../src/sinks/dynatrace/metrics-route.ts';

export const NOW = Date.parse('2026-11-20T12:00:00Z');
const URL_LIVE = new URL('https://abc12345.live.dynatrace.com');
/** A token that was never configured. */
export const STRANGE_TOKEN = `dt0c01.${'A1'.repeat(12)}.${'Z9'.repeat(32)}`;
export const PAGE =
  '<!DOCTYPE html><html><head><title>Hotel Wi-Fi</title></head><body>Please <b>log in</b></body></html>';

export interface Given {
  readonly items?: number;
  /** Lines of our own behind the items. */
  readonly extra?: number;
  readonly headers?: Record<string, string>;
  readonly identity?: boolean;
  readonly url?: URL;
  readonly late?: boolean;
}

/** The outcome of an answer to three compressed lines (or what is given). */
export function classified(status: number, body: unknown, given: Given = {}): Outcome {
  const items = Array.from({ length: given.items ?? 3 }, (_, i) => JSON.stringify({ 'event.id': `db-${i}` }));
  const headers = answerHeaders({ 'content-type': 'application/json', ...given.headers }, NOW);
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const sent = { items, lines: items.length + (given.extra ?? 0), compressed: given.identity !== true };
  const dialect = given.late === true ? bizeventsDialect : metricsDialect;
  const answer = { kind: 'answered', status, headers, body: text, bytesSent: 9 } as const;
  return classify(answer, sent, dialect, given.url ?? URL_LIVE);
}

/** A ValidationResponse in the form of the metrics API. */
export function validation(
  ok: number,
  invalid: number,
  lines: readonly [number, string][],
  message = `${invalid} invalid lines`,
) {
  const invalidLines = lines.map(([line, error]) => ({ line, error }));
  return { linesOk: ok, linesInvalid: invalid, error: { code: 400, message, invalidLines }, warnings: null };
}

/** The API's ErrorEnvelope. */
export function envelope(code: number, message: string) {
  return { error: { code, message, constraintViolations: null } };
}
