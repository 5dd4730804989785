import type { Stage } from './stage.ts';

/** What a figure should be. Missing it is worth a look, not a failure: it depends on the machine. */
export type Goal = { readonly atLeast: number } | { readonly atMost: number };

export interface Figure {
  /** Stable within its scenario: the key in the results. */
  readonly name: string;
  readonly unit: string;
  readonly value: number;
  readonly goal?: Goal;
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
