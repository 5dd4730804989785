import { MINUTE, SECOND, type DurationMs, type EpochMs } from '../../model/time.ts';
import type { AnswerHeaders } from './exchange.ts';

/** A quarter of the metric window: no header, mistaken or forged, may cost more. */
const LONGEST_WAIT: DurationMs = 15 * MINUTE;
/** RFC 9110, section 5.6.7; Date.parse alone takes almost anything for a date. */
const HTTP_DATE =
  /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d{2} (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4} \d{2}:\d{2}:\d{2} GMT$/;

type RawHeaders = Readonly<Record<string, string | string[] | undefined>>;

/**
 * Reads `Date`, `Retry-After` (seconds or a date) and `X-RateLimit-Reset` (microseconds since the epoch). Dates are compared
 * with the server's own clock, or with ours (`now`) when it does not tell.
 */
export function answerHeaders(raw: RawHeaders, now: EpochMs): AnswerHeaders {
  const date = httpDate(first(raw['date']));
  // The header is cut to the second; half of one is what it lacks on average.
  const serverDate = date === null ? undefined : date + SECOND / 2;
  const retryAfterMs = wait(raw, date ?? now);
  const contentType = first(raw['content-type']);
  const location = first(raw['location']);
  return {
    ...(serverDate !== undefined && { serverDate }),
    ...(retryAfterMs > 0 && { retryAfterMs }),
    ...(contentType !== undefined && { contentType }),
    ...(location !== undefined && { location }),
  };
}

function wait(raw: RawHeaders, now: EpochMs): DurationMs {
  const retryAfter = first(raw['retry-after'])?.trim() ?? '';
  const reset = first(raw['x-ratelimit-reset'])?.trim() ?? '';
  const until = httpDate(retryAfter);
  const waits = [
    /^\d{1,9}$/.test(retryAfter) ? Number(retryAfter) * SECOND : 0,
    until === null ? 0 : until - now,
    /^\d{1,18}$/.test(reset) ? Math.ceil(Number(reset) / 1000) - now : 0,
  ];
  return Math.min(LONGEST_WAIT, Math.max(...waits));
}

function httpDate(text: string | undefined): EpochMs | null {
  const at = text !== undefined && HTTP_DATE.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(at) ? null : at;
}

function first(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}
