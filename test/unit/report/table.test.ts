import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { table } from '../../../src/report/table.ts';

const plain = (text: string): string => text;
const paint = (text: string): string => `<${text}>`;
const columns = [
  { title: 'name', align: 'left' as const },
  { title: 'n', align: 'right' as const },
  { title: 'note', align: 'left' as const },
];

describe('a table', () => {
  it('aligns its columns and leaves no blanks at the ends of lines', () => {
    const rows = [
      ['meter', '1,200', 'a note'],
      ['x', '7', ''],
    ];
    expect(table(columns, rows, { indent: 2, width: Infinity, heading: plain })).toEqual([
      '  name       n  note',
      '  meter  1,200  a note',
      '  x          7',
    ]);
  });

  it('cuts the widest left-aligned column so that every line fits', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.stringMatching(/^\w{0,12}$/), fc.nat(), fc.stringMatching(/^\w{0,200}$/))),
        (rows) => {
          const cells = rows.map(([name, n, note]) => [name, String(n), note]);
          const lines = table(columns, cells, { indent: 2, width: 60, heading: plain });
          expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(60);
          expect(lines).toHaveLength(rows.length + 1);
        },
      ),
    );
  });

  it('paints a cell without disturbing the alignment', () => {
    const [, row] = table(columns, [[{ text: 'a', paint }, '1', 'b']], { indent: 0, width: 80, heading: plain });
    expect(row).toBe('<a>     1  b');
  });
});
