import type { DurationMs, EpochMs, MonoMs } from '../model/time.ts';

/** The time the gateway believes, as opposed to what the wall clock says; see the implementation for the rules. */
export interface GatewayClock {
  readonly state: 'confirmed' | 'unconfirmed' | 'corrected';
  /** Believed time minus wall clock. */
  readonly offsetMs: DurationMs;
  /** Who confirmed it: `timesyncd`, `chrony`, `adjtimex`, or a sink's name; null while unconfirmed. */
  readonly confirmedBy: string | null;
  /** The believed time; the plain wall clock while unconfirmed. */
  now(): EpochMs;
  monoMs(): MonoMs;
  /** An answer's `Date` header: `at` the server's time, estimated for the monotonic instant `mono`. */
  observeServerDate(sink: string, at: EpochMs, mono: MonoMs): void;
  /** Called once, at confirmation. `corrected` is false when the wall clock was right. The listener finishes before `confirmed()` resolves. */
  onConfirmed(listener: (pair: { wallMs: EpochMs; monoMs: MonoMs; corrected: boolean }) => Promise<void>): void;
  /** Resolves once the clock is confirmed and the listeners are done; at once afterwards. */
  confirmed(signal?: AbortSignal): Promise<void>;
}
