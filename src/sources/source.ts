/**
 * A source is a connection that brings payloads. It knows its protocol and nothing of devices, quantities or SQLite.
 *
 * Invariants: what a source acknowledges to its peer has been accepted by the intake first (the promise resolved). A
 * source never gives up: it reconnects for as long as it runs, and says in `status()` why it is not connected.
 */
import type { MonoMs } from '../model/time.ts';
import type { Problem } from '../model/problem.ts';

export interface Payload {
  readonly topic: string;
  readonly bytes: Uint8Array;
  readonly retained: boolean;
  /** It waited in the broker's session while we were away: when it was received says nothing about when it was measured. */
  readonly waited: boolean;
  readonly qos: 0 | 1 | 2;
  readonly receivedMono: MonoMs;
}

/** Where a source puts what it brings. Implemented by the intake. */
export interface Inlet {
  /**
   * Resolves when what came of the payload (a reading, or the count of a refusal) is on disk. Rejects only when the
   * queue is closed or cannot write; then the payload must not be acknowledged.
   */
  accept(payload: Payload): Promise<void>;
  /** As `accept`, for a message that is not even looked at (too large, no longer asked for): counts it as refused. */
  refuse(payload: Payload, reason: string): Promise<void>;
  /** Counts a message that nobody brings again and that had to be thrown away (QoS 0 beyond the memory bound). */
  drop(topic: string, reason: string): void;
}

export interface Source {
  readonly name: string;
  readonly type: string;
  /** Messages the peer sends before it waits for an acknowledgement; the intake commits at half of it. Null: it never waits. */
  readonly window: number | null;
  /** Begins connecting and returns; an absent peer is a state, not an error. */
  start(inlet: Inlet): Promise<void>;
  /** Stops receiving. Payloads already given to the inlet are still acknowledged if they resolve within the time given. */
  stop(deadlineMs: number): Promise<void>;
  status(): SourceStatus;
}

export interface SourceStatus {
  /** `silent` is decided elsewhere, from the time of the last reading. */
  readonly state: 'connected' | 'connecting' | 'failed';
  /** Why it is not connected, in a sentence; null while connected. */
  readonly detail: string | null;
  readonly problems: readonly Problem[];
  /** All its devices are without supply, as at night: that nothing comes is no failure. */
  readonly asleep?: boolean;
  /** Of devices that do not answer now, for a source that asks them. */
  readonly silences?: readonly DeviceSilence[];
}

export interface DeviceSilence {
  readonly device: string;
  /** Its last answer; null before the first. */
  readonly sinceMono: MonoMs | null;
  readonly reason: string;
}
