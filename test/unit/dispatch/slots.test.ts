import { expect, it, vi } from 'vitest';
import { ColumnsBuilder } from '../../../src/model/reading-columns.ts';

vi.mock('../../../src/model/quantity.ts', () => ({
  quantityDefinition: (name: string) => (name === 'mode' ? { kind: 'state' } : undefined),
}));

it('never averages a state: the value with the newest time of the minute stands alone, in whatever order it came', async () => {
  const { fold } = await import('../../../src/dispatch/fold.ts');
  const builder = new ColumnsBuilder();
  const origin = { device: 'inverter', serial: null, source: 'modbus' };
  for (const [at, mode] of [
    [10, 1],
    [30, 4],
    [20, 2],
  ] as const)
    builder.add(origin, at, ['mode', 'power'], [mode, mode], at);
  const folded = fold(builder.take());
  expect(folded.sample(0)).toMatchObject({ at: 30, min: 4, max: 4, sum: 4, count: 1 });
  expect(folded.sample(1)).toMatchObject({ at: 30, min: 1, max: 4, sum: 7, count: 3 });
});
