import type { Outcome } from '../../model/outcome.ts';
import type { Answered } from './exchange.ts';
import { isPage } from './server-text.ts';

/**
 * An answer that no certificate vouches for may be a portal's, a router's or a proxy's. Its `Date` would set the clock, and with
 * it what expires, so that of a page or a redirect is left out: it says nothing of the sink's clock. Pure.
 */
export function withoutForeignDate(outcome: Outcome, { body, headers }: Answered): Outcome {
  const foreign = isPage(body, headers.contentType) || (outcome.kind === 'blocked' && outcome.cause === 'page');
  if (!foreign) return outcome;
  const { serverDate: _, ...rest } = outcome;
  return rest;
}
