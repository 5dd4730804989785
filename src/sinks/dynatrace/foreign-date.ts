import type { Outcome } from '../../model/outcome.ts';
import type { Answered } from './exchange.ts';
import { isRecord, parseJson } from './json.ts';

/**
 * An answer that no certificate vouches for may be a portal's, a router's or a proxy's. Its `Date` would set the clock, and with
 * it what expires, so that it is left out unless the answer is in the API's own form. Pure.
 */
export function withoutForeignDate(outcome: Outcome, { body }: Answered): Outcome {
  if (outcome.kind === 'accepted' || outcome.kind === 'partial' || isErrorEnvelope(body)) return outcome;
  const { serverDate: _, ...rest } = outcome;
  return rest;
}

/** Any status will do: a token that has run out must not leave the gateway without a clock. */
function isErrorEnvelope(body: string): boolean {
  const json = parseJson(body);
  const error = isRecord(json) ? json['error'] : undefined;
  return isRecord(error) && typeof error['code'] === 'number';
}
