import type { IncomingHttpHeaders } from 'node:http';
import type { EpochMs } from '../../model/time.ts';
import type { Fault, RouteName } from './fault.ts';

/** One request as the stand-in saw it. */
export interface RequestRecord {
  /** By the stand-in's own clock. */
  readonly at: EpochMs;
  readonly method: string;
  readonly path: string;
  readonly route: RouteName | null;
  readonly headers: IncomingHttpHeaders;
  readonly encoding: string;
  /** Of the body on the wire. */
  readonly bytes: number;
  /** Lines, or events. */
  readonly lines: number;
  readonly accepted: number;
  readonly invalid: number;
  /** Null: no answer was given. */
  readonly status: number | null;
  /** The faults that had a part in the answer. */
  readonly faults: readonly Fault['kind'][];
  /** The text of the body, where bodies are kept. */
  readonly body: string | null;
}

/** The record without what must not be shown: the token and the body. */
export function forDisplay(record: RequestRecord): object {
  const { headers, body: _, ...rest } = record;
  const { authorization, ...others } = headers;
  return { ...rest, headers: authorization === undefined ? others : { ...others, authorization: 'Api-Token ***' } };
}
