/** Prints the rows that the fault tests wrote: `node scripts/fault-table.ts REPORT`. See test/support/fault-report.ts. */
import { readFileSync } from 'node:fs';

interface Row {
  readonly fault: string;
  readonly rounds: number;
  readonly acknowledged: number;
  readonly lost: number;
  readonly duplicates: number;
  readonly unaccounted: number;
  readonly control: boolean;
}

const COLUMNS = ['rounds', 'acknowledged', 'lost', 'duplicates', 'unaccounted'] as const;

const rows = readFileSync(process.argv[2] ?? '', 'utf8')
  .split('\n')
  .filter((line) => line !== '')
  .map((line) => JSON.parse(line) as Row);
const faults = rows.filter(({ control }) => !control).toSorted((a, b) => a.fault.localeCompare(b.fault));
const controls = rows.filter(({ control }) => control);

print('Fault', faults);
if (controls.length > 0) print('Control: must lose', controls);

function print(title: string, shown: readonly Row[]): void {
  const head = [title, ...COLUMNS];
  const body = shown.map((row) => [row.fault, ...COLUMNS.map((column) => row[column].toLocaleString('en'))]);
  const widths = head.map((cell, i) => Math.max(cell.length, ...body.map((cells) => cells[i]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    cells.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join('  ');
  process.stdout.write(
    `\n${[line(head), widths.map((width) => '─'.repeat(width)).join('──'), ...body.map(line)].join('\n')}\n`,
  );
}
