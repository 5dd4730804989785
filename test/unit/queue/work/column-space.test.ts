import { expect, it } from 'vitest';
import { ClaimColumns } from '../../../../src/queue/work/claim-columns.ts';
import { ColumnSpace } from '../../../../src/queue/work/column-space.ts';
import { at } from '../../../support/queue-fixture.ts';
import { appendOf } from '../../../support/queue-readings.ts';
import { recordedStore } from '../../../support/recorded-store.ts';

it('puts one claim after the other together in the same arrays, and hands out copies', () => {
  const { store } = recordedStore();
  const { origins, shapes, readings } = store.database.tables;
  store.append(appendOf(Array.from({ length: 3_000 }, (_, i) => ({ at: at(0), values: { a: i, b: -i } }))));
  const minute = readings.minuteFrom(0) ?? 0;
  const rows = readings.owed({ minute, through: 0, part: null }, 0, 3_000);
  const space = new ColumnSpace();
  const claims = [rows, rows.toReversed()].map((some) => {
    const columns = new ClaimColumns(origins, shapes, space);
    for (const row of some) columns.addRow(row);
    return { taken: columns.take(), arrays: Object.values(space) };
  });
  const [first, second] = claims;
  expect(first?.taken.length).toBe(3_000);
  expect(first?.taken.values.subarray(0, 4)).toEqual(Float64Array.of(0, -0, 1, -1));
  expect(second?.taken.values.subarray(0, 2)).toEqual(Float64Array.of(2_999, -2_999));
  expect(second?.arrays.every((array, i) => array === first?.arrays[i])).toBe(true);
});
