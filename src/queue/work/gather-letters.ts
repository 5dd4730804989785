import type { Origin } from '../../model/reading.ts';
import type { ClaimRequest } from '../queue.ts';
import type { StoredSink } from '../tables/sinks.ts';
import type { Tables } from '../tables/tables.ts';
import { ClaimColumns } from './claim-columns.ts';
import { ItemLimit, type ClaimBounds } from './item-limit.ts';
import type { Gathered, LetterPart } from './open-claim.ts';

const ROWS = 1_000;

/** The retry lane: values pending again without their readings, each as a reading of its own. */
export function gatherLetters(
  request: ClaimRequest,
  sink: StoredSink,
  tables: Tables,
  bounds: ClaimBounds,
): Gathered | null {
  const { route, oldest, dueBefore } = request;
  const columns = new ClaimColumns(tables.origins, tables.shapes);
  const limit = new ItemLimit(request, bounds);
  const parts: LetterPart[] = [];
  const letters = tables.deadLetters.owed(sink.id, route, oldest, dueBefore, ROWS);
  let more = letters.length === ROWS;
  for (const letter of letters) {
    const start = columns.length;
    const origin: Origin = { device: letter.device, serial: null, source: '' };
    const shape = [letter.quantity];
    const group = JSON.stringify([letter.device, letter.quantity]);
    for (const [index, [at, value]] of letter.samples.entries()) {
      if (!limit.admit(letter.minute, group, 1)) {
        more = true;
        break;
      }
      columns.addValue(letter.id + index, origin, shape, at, value);
    }
    if (columns.length > start) parts.push({ kind: 'letter', letter, start, end: columns.length });
    if (columns.length - start < letter.samples.length) break;
  }
  return columns.length === 0 ? null : { claim: { readings: columns.take(), more, replay: null }, parts };
}
