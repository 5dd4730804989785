import type { Stage } from './stage.ts';

/** What a figure should be. Missing it is worth a look, not a failure: it depends on the machine. */
export type Goal = { readonly atLeast: number } | { readonly atMost: number };

/** What this machine can do at the most (or must pay at the least) for the same work, measured in the same run. */
export interface Limit {
  /** In the figure's unit. */
  readonly value: number;
  /** Of the figure divided by the limit. */
  readonly goal?: Goal;
}

export interface Figure {
  /** Stable within its scenario: the key in the results. */
  readonly name: string;
  readonly unit: string;
  readonly value: number;
  readonly goal?: Goal;
  readonly limit?: Limit;
}

export interface Measurement {
  readonly figures: readonly Figure[];
  /** What a reader must know to read the figures: what was checked, how something was counted. */
  readonly notes: readonly string[];
}

export interface Scenario {
  readonly name: string;
  /** A run that takes longer has failed. */
  readonly limitMs: number;
  /** Throws when something was lost or a count does not balance. */
  run(stage: Stage): Promise<Measurement>;
}
