import { expect, it } from 'vitest';
import { Tally } from '../../../src/intake/tally.ts';
import { Secret } from '../../../src/platform/secret.ts';

it('keeps of the last refused message no secret that was put into its topic or payload', () => {
  const secret = 'zQ7 pass\nword';
  void new Secret({ value: secret });
  const tally = new Tally();
  tally.refuse(0, `amis/${secret}`, `${'x'.repeat(195)}${secret}`);
  const { lastRefusal } = tally.counts('meter');
  expect(lastRefusal).toEqual({ at: 0, topic: 'amis/***', reason: `${'x'.repeat(195)}***` });
});
