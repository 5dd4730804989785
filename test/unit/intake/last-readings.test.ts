import { expect, it } from 'vitest';
import { LastReadings } from '../../../src/intake/last-readings.ts';
import { SteppedClock } from '../../support/stepped-clock.ts';

it('a source is silent once it brought nothing for so long, counted from the start or its last reading', async () => {
  const clock = new SteppedClock(0);
  const last = new LastReadings(clock);
  last.expect('meter');
  await clock.advance(299_999);
  expect(last.silent('meter', 300_000)).toBeNull();
  await clock.advance(1);
  expect(last.silent('meter', 300_000)).toBe(300_000);
  last.note('meter', clock.monoMs());
  expect(last.silent('meter', 300_000)).toBeNull();
  await clock.advance(400_000);
  expect(last.silent('meter', 300_000)).toBe(400_000);
});

it('a source nobody waits for is not silent', () => {
  expect(new LastReadings(new SteppedClock(0)).silent('other', 0)).toBeNull();
});
