import { expect, it } from 'vitest';
import { inTurn } from '../../../src/dispatch/in-turn.ts';

it.each([
  [1.9, ['work', 'what follows', 'others']],
  [2, ['work', 'others', 'what follows']],
])('lets others have a turn behind work of %s ms: %j', async (tookMs, order) => {
  let mono = 0;
  const seen: string[] = [];
  setImmediate(() => seen.push('others'));
  const result = await inTurn({ monoMs: () => mono }, () => {
    seen.push('work');
    mono += tookMs;
    return 7;
  });
  seen.push('what follows');
  expect(result).toBe(7);
  await expect.poll(() => seen).toEqual(order);
});
