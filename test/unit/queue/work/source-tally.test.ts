import { expect, it } from 'vitest';
import { at, TestQueue } from '../../../support/queue-fixture.ts';

it('does not let what waited at the broker pass for a sign of life of the device', async () => {
  const test = await TestQueue.open();
  await test.append({ at: at(0) });
  await test.append({ at: at(60), timeUnknown: true });
  await test.append({ at: at(120), deviceTime: at(-600), onlyDeviceTime: true });
  expect((await test.report()).sources).toMatchObject([{ readings: 3, lastReadingAt: at(0) }]);
});
