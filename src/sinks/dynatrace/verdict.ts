import type { RefusedItem } from '../../model/outcome.ts';

/** The texts of a request's items. */
export interface Items extends Iterable<string> {
  readonly length: number;
}

/** What was in a request, as far as its answer refers to it. */
export interface Sent {
  readonly items: Items;
  /** The items and the lines of our own behind them. */
  readonly lines: number;
  readonly compressed: boolean;
}

/** What an answer in the API's own form says about the items. */
export interface Verdict {
  /** How many lines or events were stored, as the server counts them. */
  readonly stored: number;
  /** How many it looked at: stored and refused. */
  readonly counted: number;
  readonly refused: readonly RefusedItem[];
  /** Refused, but not named. */
  readonly unlisted: number;
}

/** The language of one route's API. */
export interface Dialect {
  /** The permission a token needs for it. */
  readonly scope: string;
  /** The verdict in a 202 or 400; null when the answer is not in the API's form. */
  read(status: 202 | 400, body: string, sent: Sent): Verdict | null;
}
