import type { DeadLetter } from '../queue/inspector.ts';
import { grouped, localTime } from '../report/human.ts';
import type { Palette } from '../report/palette.ts';
import { table, type Column } from '../report/table.ts';

const COLUMNS: readonly Column[] = [
  { title: 'id', align: 'right' },
  { title: 'sink', align: 'left' },
  { title: 'device', align: 'left' },
  { title: 'quantity', align: 'left' },
  { title: 'measured', align: 'left' },
  { title: 'values', align: 'right' },
  { title: 'refused', align: 'left' },
  { title: 'reason', align: 'left' },
];

/** A table of dead letters for a person. */
export function deadLetterText(
  letters: readonly DeadLetter[],
  layout: { readonly palette: Palette; readonly width: number },
): string {
  const rows = letters.map((letter) => {
    const first = letter.samples[0];
    return [
      String(letter.id),
      letter.sink,
      letter.device,
      letter.quantity,
      first === undefined ? '' : localTime(first[0]),
      grouped(letter.samples.length),
      localTime(letter.refusedAt),
      letter.reason,
    ];
  });
  return `${table(COLUMNS, rows, { indent: 0, width: layout.width, heading: layout.palette.dim }).join('\n')}\n`;
}

/** The same for programs. */
export function deadLetterJson(letter: DeadLetter): object {
  return {
    id: letter.id,
    sink: letter.sink,
    device: letter.device,
    quantity: letter.quantity,
    refusedAt: new Date(letter.refusedAt).toISOString(),
    reason: letter.reason,
    samples: letter.samples.map(([at, value]) => ({ at: new Date(at).toISOString(), value })),
  };
}
