import { getHeapStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { createProfile } from '../../../src/devices/registry.ts';
import { intakeBench, NOW } from '../../support/intake-bench.ts';

const MESSAGES = 2_000;
/** So few that no collection happens in between. */
const TOGETHER = 100;
const DEVICES = 400;

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const text = (n: number): string =>
  `{"1.8.0":${52_680_160 + n},"2.8.0":${22_571_990 + n},"3.8.1":${1_429_460 + n},"4.8.1":${3_086_146 + n},` +
  `"1.7.0":${n},"2.7.0":507,"3.7.0":0,"4.7.0":256,"saldo":${n - 507},"1.128.0":0,` +
  `"time":${NOW / 1000 - n},"serialnumber":"meter-${n % DEVICES}"}`;

it('a message leaves little garbage: collecting it is the largest part of what taking it in costs', async () => {
  const { inlet, payload, intake, queue } = intakeBench();
  const profile = createProfile({ name: 'amis', data: null }, { invert: [] });
  const meter = inlet({ profile, device: '{2}', trustTime: { behindMs: 1e9, aheadMs: 1e9 }, window: () => 256 });
  const messages = Array.from({ length: MESSAGES }, (_, n) =>
    payload(text(n), { topic: `meters/meter-${n % DEVICES}/data` }),
  );
  const takeIn = async (from: number): Promise<void> => {
    for (const message of messages.slice(from, from + TOGETHER)) void meter.accept(message);
    await intake.flush();
  };
  let bytes = 0;
  // The last of several rounds counts: the first ones also allocate for the engine's own sake.
  for (let round = 0; round < 3; round++) {
    bytes = 0;
    for (let from = 0; from < MESSAGES; from += TOGETHER) {
      collectGarbage();
      const before = getHeapStatistics().used_heap_size;
      await takeIn(from);
      bytes += getHeapStatistics().used_heap_size - before;
    }
  }
  // It is 4,200 with Node 24; an iterator or a closure more for each value is 700.
  expect(bytes / MESSAGES).toBeLessThan(4_500);
  expect(queue.totals.used).toBe(3 * MESSAGES);
});
