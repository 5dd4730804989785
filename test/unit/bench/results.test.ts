import { describe, expect, it } from 'vitest';
import type { Machine } from '../../../scripts/bench/machine.ts';
import { resultsText } from '../../../scripts/bench/results-text.ts';
import { median, type Results, scenarioResult } from '../../../scripts/bench/results.ts';
import type { Measurement } from '../../../scripts/bench/scenario.ts';

const MACHINE: Machine = {
  cpu: 'Example CPU',
  cores: 2,
  memoryBytes: 2 ** 30,
  kernel: 'Linux 6.1',
  load: 0.25,
  node: 'v24.0.0',
  nodeOptions: '--max-old-space-size=96',
  sqlite: '3.50.0',
  mosquitto: '2.0.11',
  program: 'build',
};

function measured(value: number): Measurement {
  return {
    figures: [
      { name: 'pace', unit: 'messages/s', value, goal: { atLeast: 40_000 } },
      { name: 'window', unit: 'messages', value: 256 },
    ],
    notes: [`measured ${value}`],
  };
}

function limited(value: number, limit: number): Measurement {
  return {
    figures: [{ name: 'pace', unit: 'messages/s', value, limit: { value: limit, goal: { atLeast: 0.85 } } }],
    notes: [],
  };
}

function results(...scenarios: Results['scenarios']): Results {
  return { format: 1, version: '0.1.0', startedAt: '2026-11-20T14:00:00.000Z', machine: MACHINE, scenarios };
}

describe('the results of the benchmark', () => {
  it('are the medians of all runs, held against the goal', () => {
    expect(scenarioResult('intake', [measured(39_000), measured(50_000), measured(41_000)], null)).toEqual({
      name: 'intake',
      error: null,
      figures: [
        {
          name: 'pace',
          unit: 'messages/s',
          median: 41_000,
          runs: [39_000, 50_000, 41_000],
          goal: { atLeast: 40_000 },
          met: true,
          limit: null,
        },
        { name: 'window', unit: 'messages', median: 256, runs: [256, 256, 256], goal: null, met: null, limit: null },
      ],
      notes: ['measured 41000'],
    });
  });

  it.each([
    [{ atLeast: 10 }, 10, true],
    [{ atLeast: 10 }, 9.9, false],
    [{ atMost: 10 }, 10, true],
    [{ atMost: 10 }, 10.1, false],
  ])('meet %j with %d: %s', (goal, value, met) => {
    const [figure] = scenarioResult(
      'x',
      [{ figures: [{ name: 'f', unit: 's', value, goal }], notes: [] }],
      null,
    ).figures;
    expect(figure?.met).toBe(met);
  });

  it('hold a figure against the limit of its own run, not against the median of all limits', () => {
    const [figure] = scenarioResult('intake', [limited(90, 100), limited(30, 50), limited(160, 200)], null).figures;
    expect(figure).toMatchObject({
      median: 90,
      goal: null,
      met: null,
      limit: {
        median: 100,
        runs: [100, 50, 200],
        ratios: [0.9, 0.6, 0.8],
        ratio: 0.8,
        goal: { atLeast: 0.85 },
        met: false,
      },
    });
  });

  it('show the limit, the ratio to it and the goal of the ratio beside a figure', () => {
    const text = resultsText(results(scenarioResult('intake', [limited(90, 100), limited(30, 50)], null)));
    expect(text).toContain('pace        60  messages/s     75   0.75  ≥ 0.85 × limit  MISSED  0.90 0.60');
  });

  it('keep the runs that succeeded beside the reason why one failed', () => {
    const result = scenarioResult('intake', [measured(39_000)], 'messages: 1 instead of 2');
    expect(result).toMatchObject({ error: 'messages: 1 instead of 2', figures: [{ runs: [39_000] }, {}] });
    expect(scenarioResult('intake', [], 'it did not start')).toEqual({
      name: 'intake',
      error: 'it did not start',
      figures: [],
      notes: [],
    });
  });

  it('stand in a table with the machine above and what failed below', () => {
    const text = resultsText(
      results(
        scenarioResult('intake', [measured(39_000)], null),
        scenarioResult('drain', [], 'delivered: 1 instead of 2'),
      ),
    );
    expect(text).toBe(`energy gateway 0.1.0, 2026-11-20T14:00:00.000Z, one run
Example CPU, 2 cores, 1 GiB, Linux 6.1, load 0.3
node v24.0.0 --max-old-space-size=96, SQLite 3.50.0, Mosquitto 2.0.11, build

Scenario  Figure  Median  Unit        Limit  Ratio      Goal          Runs
intake    pace    39,000  messages/s                ≥ 40,000  MISSED
          window     256  messages
drain     FAILED

intake: measured 39000
drain: FAILED: delivered: 1 instead of 2
`);
  });

  it('name every run in the table where there were several', () => {
    const text = resultsText(results(scenarioResult('intake', [measured(40_500), measured(41_500)], null)));
    expect(text).toContain('medians of 2 runs');
    expect(text).toContain('pace    41,000  messages/s                ≥ 40,000  met  40,500 41,500');
  });
});

describe('the median', () => {
  it.each([
    [[3, 1, 2], 2],
    [[4, 1, 2, 3], 2.5],
    [[7], 7],
    [[], Number.NaN],
  ])('of %j is %d', (values, expected) => {
    expect(median(values)).toBe(expected);
  });
});
