/** How a loop is ended: `stopping` begins nothing new; `aborting` gives up what is in flight. */
export interface StopSignals {
  readonly stopping: AbortSignal;
  readonly aborting: AbortSignal;
}
