/** The results as they are written into a file: `--json`. Fields are added, never renamed. */
import type { Machine } from './machine.ts';
import type { Figure, Goal, Measurement } from './scenario.ts';

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

export interface FigureResult extends Held {
  readonly name: string;
  readonly unit: string;
  readonly limit: LimitResult | null;
}

export interface LimitResult extends Held {
  /** Of the figure divided by the limit of the same run; `goal` and `met` are those of this ratio. */
  readonly ratio: number;
  readonly ratios: readonly number[];
}

/** The runs of one thing, their median, and the goal they are held against. */
interface Held {
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
  const figures = (last?.figures ?? []).map((figure) =>
    figureResult(
      figure,
      measurements.flatMap(({ figures }) => figures.filter((f) => f.name === figure.name)),
    ),
  );
  return { name, error, figures, notes: last?.notes ?? [] };
}

function figureResult({ name, unit, goal, limit }: Figure, runs: readonly Figure[]): FigureResult {
  const values = runs.map(({ value }) => value);
  const middle = median(values);
  const base = { name, unit, median: middle, runs: values, goal: goal ?? null, met: met(middle, goal) };
  if (limit === undefined) return { ...base, limit: null };
  const limits = runs.map((figure) => figure.limit?.value ?? Number.NaN);
  const ratios = values.map((value, i) => value / (limits[i] ?? Number.NaN));
  const ratio = median(ratios);
  const held = { goal: limit.goal ?? null, met: met(ratio, limit.goal) };
  return { ...base, limit: { median: median(limits), runs: limits, ratio, ratios, ...held } };
}

/** NaN of nothing. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length / 2;
  const upper = sorted[Math.floor(half)] ?? Number.NaN;
  return Number.isInteger(half) ? ((sorted[half - 1] ?? Number.NaN) + upper) / 2 : upper;
}

function met(value: number, goal: Goal | undefined): boolean | null {
  if (goal === undefined) return null;
  return 'atLeast' in goal ? value >= goal.atLeast : value <= goal.atMost;
}
