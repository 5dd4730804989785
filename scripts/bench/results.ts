/** The results as they are written: `--json` and `--out`. Fields are added, never renamed. */
import type { Machine } from './machine.ts';
import type { Goal, Measurement } from './scenario.ts';

export interface Results {
  readonly format: 1;
  readonly version: string;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly machine: Machine;
  readonly scenarios: readonly ScenarioResult[];
}

export interface ScenarioResult {
  readonly name: string;
  /** Null when every run succeeded. */
  readonly error: string | null;
  readonly figures: readonly FigureResult[];
  readonly notes: readonly string[];
}

export interface FigureResult {
  readonly name: string;
  readonly unit: string;
  readonly median: number;
  /** In the order of the runs. */
  readonly runs: readonly number[];
  readonly goal: Goal | null;
  /** Null without a goal. */
  readonly met: boolean | null;
}

/** Puts the runs of one scenario together. Notes that differ from run to run are those of the last. */
export function scenarioResult(
  name: string,
  measurements: readonly Measurement[],
  error: string | null,
): ScenarioResult {
  const last = measurements.at(-1);
  const figures = (last?.figures ?? []).map(({ name, unit, goal }): FigureResult => {
    const runs = measurements.flatMap(({ figures }) => figures.filter((f) => f.name === name).map((f) => f.value));
    const middle = median(runs);
    return { name, unit, median: middle, runs, goal: goal ?? null, met: goal === undefined ? null : met(middle, goal) };
  });
  return { name, error, figures, notes: last?.notes ?? [] };
}

/** NaN of nothing. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length / 2;
  const upper = sorted[Math.floor(half)] ?? Number.NaN;
  return Number.isInteger(half) ? ((sorted[half - 1] ?? Number.NaN) + upper) / 2 : upper;
}

function met(value: number, goal: Goal): boolean {
  return 'atLeast' in goal ? value >= goal.atLeast : value <= goal.atMost;
}
