import { expect, it } from 'vitest';
import { FULL, upTo } from '../../../scripts/bench/sizes.ts';

it('leaves out the sizes beyond a limit, but never all', () => {
  const { drain, history } = upTo(FULL, 1_000_000);
  expect(drain).toEqual({ ...FULL.drain, readings: [100_000, 1_000_000] });
  expect(history).toEqual({ ...FULL.history, readings: [1_000_000] });
  expect(upTo(FULL, 1).drain.readings).toEqual([100_000]);
  expect(upTo(FULL, Infinity)).toEqual(FULL);
});
