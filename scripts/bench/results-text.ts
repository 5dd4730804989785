import { table, type Column } from '../../src/report/table.ts';
import type { FigureResult, Results } from './results.ts';
import type { Goal } from './scenario.ts';

const COLUMNS: readonly Column[] = [
  { title: 'Scenario', align: 'left' },
  { title: 'Figure', align: 'left' },
  { title: 'Median', align: 'right' },
  { title: 'Unit', align: 'left' },
  { title: 'Limit', align: 'right' },
  { title: 'Ratio', align: 'right' },
  { title: 'Goal', align: 'right' },
  { title: '', align: 'left' },
  { title: 'Runs', align: 'left' },
];

/** The results as a table for a person, with the machine above and what is to be known below. */
export function resultsText(results: Results): string {
  const { machine, scenarios } = results;
  const runs = Math.max(0, ...scenarios.flatMap(({ figures }) => figures.map((figure) => figure.runs.length)));
  const rows = scenarios.flatMap(({ name, error, figures }) => [
    ...figures.map((figure, i) => [i === 0 ? name : '', ...cells(figure)]),
    ...(error === null ? [] : [[name, 'FAILED']]),
  ]);
  return [
    `energy gateway ${results.version}, ${results.startedAt}, ${runs === 1 ? 'one run' : `medians of ${runs} runs`}`,
    `${machine.cpu}, ${machine.cores} cores, ${Math.round(machine.memoryBytes / 2 ** 30)} GiB, ${machine.kernel}, load ${machine.load.toFixed(1)}`,
    `node ${machine.node} ${machine.nodeOptions}, SQLite ${machine.sqlite}, Mosquitto ${machine.mosquitto ?? 'absent'}, ${machine.program}`,
    '',
    ...table(COLUMNS, rows, { indent: 0, width: Number.POSITIVE_INFINITY, heading: (text) => text }),
    '',
    ...scenarios.flatMap(({ name, error, notes }) => [
      ...notes.map((note) => `${name}: ${note}`),
      ...(error === null ? [] : [`${name}: FAILED: ${error}`]),
    ]),
    '',
  ].join('\n');
}

/** Of a figure with a limit, the ratios are shown of each run: they are what can be compared. */
function cells({ name, unit, median, runs, goal, met, limit }: FigureResult): string[] {
  const each = limit?.ratios ?? runs;
  return [
    name,
    number(median),
    unit,
    limit === null ? '' : number(limit.median),
    limit === null ? '' : number(limit.ratio),
    goalText(goal, '') || goalText(limit?.goal ?? null, ' × limit'),
    verdict(met ?? limit?.met ?? null),
    each.length > 1 ? each.map(number).join(' ') : '',
  ];
}

function verdict(met: boolean | null): string {
  if (met === null) return '';
  return met ? 'met' : 'MISSED';
}

function goalText(goal: Goal | null, suffix: string): string {
  if (goal === null) return '';
  return 'atLeast' in goal ? `≥ ${number(goal.atLeast)}${suffix}` : `≤ ${number(goal.atMost)}${suffix}`;
}

/** Three digits are enough below a hundred, whole numbers above. */
function number(value: number): string {
  const digits = Number.isInteger(value) || Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return value.toLocaleString('en-GB', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}
