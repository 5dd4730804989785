/**
 * Prints the rows that the fault tests wrote, and names the tests that failed or were not run:
 * `node scripts/fault-table.ts ROWS [RESULTS]`, ROWS as test/support/fault-report.ts writes them, RESULTS by vitest's JSON reporter.
 * Exit code 1 when something was lost or is unaccounted for, a control lost nothing, or nothing was tried.
 */
import { readFileSync } from 'node:fs';
import { relative } from 'node:path';

interface Row {
  readonly fault: string;
  readonly rounds: number;
  readonly acknowledged: number;
  readonly lost: number;
  readonly duplicates: number;
  readonly unaccounted: number;
  readonly control: boolean;
  readonly freshAfterMs?: number;
}

interface Results {
  readonly testResults: readonly {
    readonly name: string;
    readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[];
  }[];
}

const COLUMNS = ['rounds', 'acknowledged', 'lost', 'duplicates', 'unaccounted'] as const;
const [, , rowsFile = '', resultsFile] = process.argv;

const rows = read(rowsFile)
  .split('\n')
  .filter((line) => line !== '')
  .map((line) => JSON.parse(line) as Row);
const faults = rows.filter(({ control }) => !control).toSorted((a, b) => a.fault.localeCompare(b.fault));
const controls = rows.filter(({ control }) => control);

if (rows.length === 0) write('\nNo fault was tried.');
if (faults.length > 0) printTable('Fault', faults, total(faults));
if (controls.length > 0) printTable('Control: must lose', controls);
if (resultsFile !== undefined) printResults(read(resultsFile));
const bad =
  rows.length === 0 ||
  faults.some(({ lost, unaccounted }) => lost !== 0 || unaccounted !== 0) ||
  controls.some(({ lost }) => lost === 0);
process.exitCode = bad ? 1 : 0;

function total(of: readonly Row[]): Row {
  const sums = COLUMNS.map((column) => [column, of.reduce((sum, row) => sum + row[column], 0)] as const);
  return { fault: 'Total', control: false, ...(Object.fromEntries(sums) as Record<(typeof COLUMNS)[number], number>) };
}

function printTable(title: string, shown: readonly Row[], sum?: Row): void {
  const measured = shown.some(({ freshAfterMs }) => freshAfterMs !== undefined);
  const cells = (row: Row): string[] => [
    row.fault,
    ...COLUMNS.map((column) => row[column].toLocaleString('en')),
    ...(measured ? [row.freshAfterMs === undefined ? '' : `${(row.freshAfterMs / 1000).toFixed(1)} s`] : []),
  ];
  const head = [title, ...COLUMNS, ...(measured ? ['fresh after'] : [])];
  const body = shown.map(cells);
  const foot = sum === undefined ? [] : [cells(sum)];
  const widths = head.map((_, i) => Math.max(...[head, ...body, ...foot].map((line) => line[i]?.length ?? 0)));
  const line = (texts: readonly string[]): string =>
    texts
      .map((text, i) => (i === 0 ? text.padEnd(widths[i] ?? 0) : text.padStart(widths[i] ?? 0)))
      .join('  ')
      .trimEnd();
  const rule = widths.map((width) => '─'.repeat(width)).join('──');
  write(['', line(head), rule, ...body.map(line), ...(foot.length > 0 ? [rule] : []), ...foot.map(line)].join('\n'));
}

/** A test that failed early has no row, and one that was skipped must not look like one that passed. */
function printResults(json: string): void {
  if (json === '') return write('\nThe run was cut short: the table shows what had ended by then.');
  const tests = (JSON.parse(json) as Results).testResults.flatMap(({ name, assertionResults }) =>
    assertionResults.map(({ fullName, status }) => ({ status, text: `${relative(process.cwd(), name)}: ${fullName}` })),
  );
  const failed = tests.filter(({ status }) => status === 'failed');
  const skipped = tests.filter(({ status }) => status !== 'failed' && status !== 'passed');
  if (failed.length > 0) write(['\nFailed:', ...failed.map(({ text }) => `  ${text}`)].join('\n'));
  if (skipped.length > 0) write(['\nNot run here:', ...skipped.map(({ text }) => `  ${text}`)].join('\n'));
}

function read(file: string): string {
  return readFileSync(file, 'utf8');
}

function write(text: string): void {
  process.stdout.write(`${text}\n`);
}
