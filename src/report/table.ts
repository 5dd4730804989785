import type { Paint } from './palette.ts';

export interface Column {
  readonly title: string;
  readonly align: 'left' | 'right';
}

export type Cell = string | { readonly text: string; readonly paint: Paint };

export interface TableLayout {
  readonly indent: number;
  /** Columns of the terminal; Infinity never cuts. */
  readonly width: number;
  readonly heading: Paint;
}

const GAP = '  ';
const NARROWEST = 8;

/**
 * Aligned columns, one line per row, without trailing blanks. When too wide, left-aligned
 * columns are cut with `…`, the widest first.
 */
export function table(columns: readonly Column[], rows: readonly (readonly Cell[])[], layout: TableLayout): string[] {
  const widths = columns.map((column, i) => Math.max(column.title.length, ...rows.map((row) => textOf(row[i]).length)));
  fit(widths, columns, layout.width - layout.indent);
  const line = (cells: readonly Cell[]): string => {
    const last = cells.findLastIndex((cell) => textOf(cell) !== '');
    const padded = cells.map((cell, i) => {
      const width = widths[i] ?? 0;
      const text = cut(textOf(cell), width);
      const blanks = ' '.repeat(width - text.length);
      const painted = typeof cell === 'string' ? text : cell.paint(text);
      if (columns[i]?.align === 'right') return blanks + painted;
      return i >= last ? painted : painted + blanks;
    });
    return ' '.repeat(layout.indent) + padded.slice(0, last + 1).join(GAP);
  };
  return [line(columns.map((c) => ({ text: c.title, paint: layout.heading }))), ...rows.map(line)];
}

function fit(widths: number[], columns: readonly Column[], available: number): void {
  for (;;) {
    const excess = widths.reduce((sum, w) => sum + w, 0) + GAP.length * (widths.length - 1) - available;
    const widest = widths.reduce(
      (best, w, i) => (columns[i]?.align === 'left' && w > (widths[best] ?? NARROWEST) ? i : best),
      -1,
    );
    if (excess <= 0 || widest < 0) return;
    widths[widest] = Math.max(NARROWEST, (widths[widest] ?? 0) - excess);
  }
}

function cut(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, width - 1)}…`;
}

function textOf(cell: Cell | undefined): string {
  if (cell === undefined) return '';
  return typeof cell === 'string' ? cell : cell.text;
}
