import type { MonoMs } from '../model/time.ts';
import type { ClockOffsets } from './clock-offsets.ts';
import type { DeviceStates } from './device-states.ts';
import type { TrustTime } from './device-time.ts';
import type { Keep, KeptReading } from './kept-reading.ts';
import type { Pace } from './pace.ts';

/** A payload that was looked at and now waits for its commit. What time its reading gets is decided at the commit. */
export interface Message {
  readonly from: Origination;
  readonly qos: 0 | 1 | 2;
  readonly retained: boolean;
  readonly waited: boolean;
  readonly receivedMono: MonoMs;
  /** None: it was refused, or not meant as a reading. */
  readonly readings: readonly KeptReading[];
  readonly refusedFields: number;
  readonly refused: { readonly topic: string; readonly reason: string } | null;
}

/** Messages of one source that were thrown away before they could be taken in; only their count is stored. */
export interface Dropped {
  readonly messages: number;
  readonly lastMono: MonoMs;
  readonly topic: string;
  readonly reason: string;
}

/** What the intake keeps per source. */
export interface Origination {
  readonly source: string;
  readonly trustTime: TrustTime;
  /** See `Source.window`. */
  readonly window: () => number | null;
  readonly pace: Pace;
  readonly offsets: ClockOffsets;
  readonly states: DeviceStates;
  readonly keep: Keep;
}
