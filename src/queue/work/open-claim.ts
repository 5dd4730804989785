import type { Minute } from '../../model/time.ts';
import type { Claim, ClaimRequest, Settlement } from '../queue.ts';
import type { StoredLetter } from '../tables/dead-letters.ts';
import type { OwedMinute } from '../tables/owed.ts';
import type { StoredSink } from '../tables/sinks.ts';

/** Readings `start` to `end` of a claim: those of one minute above `through`. */
export interface MinutePart {
  readonly kind: 'minute';
  readonly minute: Minute;
  readonly through: number;
  readonly start: number;
  readonly end: number;
  /** Nothing of the minute is left behind it. */
  readonly whole: boolean;
}

/** Readings `start` to `end` of a claim: of a minute too large to be claimed whole, devices from their first reading on. */
export interface DevicesPart {
  readonly kind: 'devices';
  readonly minute: Minute;
  /** As it was when they were claimed. */
  readonly owed: OwedMinute;
  /** Nothing up to this id is owed any more. */
  readonly base: number;
  /** Readings with a higher id are not meant: they came while the minute was going out. */
  readonly upto: number;
  /** Of each of its readings. */
  readonly origins: readonly number[];
  readonly start: number;
  readonly end: number;
  /** Nothing up to `upto` is left behind it. */
  readonly ended: boolean;
}

export interface LetterPart {
  readonly kind: 'letter';
  readonly letter: StoredLetter;
  readonly start: number;
  readonly end: number;
}

export type ClaimPart = MinutePart | DevicesPart | LetterPart;

/** What a lane found to send. */
export interface Gathered {
  readonly claim: Omit<Claim, 'id'>;
  readonly parts: readonly ClaimPart[];
}

/** What must be known of a claim until it is settled; its readings have gone to the other thread. */
export interface OpenClaim {
  readonly id: number;
  readonly sink: StoredSink;
  readonly request: ClaimRequest;
  readonly parts: readonly ClaimPart[];
  readonly ids: Float64Array;
  /** As in ReadingColumns. */
  readonly first: Uint32Array;
  readonly replay: number | null;
}

export interface UnsettledClaim {
  readonly claim: OpenClaim;
  readonly settlement: Settlement;
}

/** One claim may be open per sink, route and lane. */
export function laneKey({ sink, route, lane }: Pick<ClaimRequest, 'sink' | 'route' | 'lane'>): string {
  return JSON.stringify([sink, route, lane]);
}
