import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Ledger } from '../../src/queue/queue.ts';
import { reportFault, within } from '../support/fault-report.ts';
import { lacks } from '../support/needs.ts';
import { at, M0, TestQueue } from '../support/queue-fixture.ts';
import { SmallFileSystem } from '../support/small-file-system.ts';
import { until } from '../support/until.ts';

const MIB = 1024 ** 2;
const GROUP = 1_000;
/** About 800 bytes a reading. */
const WIDE = Object.fromEntries(Array.from({ length: 90 }, (_, i) => [`q.${i}`, i + 1 / 3]));
const EVERYTHING = { maxItems: 100_000, dueBefore: M0 + 10_000, liveFrom: M0 + 10_000 } as const;

describe.skipIf(lacks({ programs: ['mount'], root: true }))('a disk smaller than the budget', () => {
  it('is made room on by removing what was delivered, without anybody’s help', within(60_000), async () => {
    const { test, refusal, minutes } = await filled({ delivering: true });
    expect(refusal).toMatch(/full/);
    await storesAgain(test, minutes);
    const { storedReadings } = await test.report();
    // What is removed is given back to the disk at once, so that it need not be much.
    expect(storedReadings).toBeGreaterThan(0.7 * minutes * GROUP);
    report('the queue fills its disk with history', await test.ledger());
  });

  it(
    'takes nothing more rather than lose what is pending; goes on when that is delivered',
    within(60_000),
    async () => {
      const { test, refusal, minutes } = await filled({ delivering: false });
      expect(refusal).toMatch(/full/);
      // What made room when it became full, and no more.
      const { evicted } = await test.ledger();
      for (let n = 0; n < 5; n++) {
        await test.queue.advance(at(minutes));
        expect(await storeGroup(test, minutes)).toMatch(/full/);
      }
      expect(await test.ledger()).toMatchObject({ evicted });
      for (let claim = await test.claim(EVERYTHING); claim !== null; claim = await test.claim(EVERYTHING)) {
        await test.settle(claim);
      }
      await storesAgain(test, minutes);
      report('the queue fills its disk with what is pending', await test.ledger());
    },
  );
});

/** Filled until the disk takes no more. */
async function filled({ delivering }: { delivering: boolean }): Promise<{
  readonly test: TestQueue;
  readonly refusal: string;
  readonly minutes: number;
}> {
  const disk = new SmallFileSystem(96 * MIB);
  const test = await TestQueue.open({ dataDir: join(disk.path, 'data'), budgetBytes: 512 * MIB });
  // Makes the ballast.
  await test.queue.advance(at(0));
  for (let minutes = 0; ; minutes++) {
    const refusal = await storeGroup(test, minutes);
    if (refusal !== '') return { test, refusal, minutes };
    if (delivering) await test.settle(await test.claim(EVERYTHING));
  }
}

async function storesAgain(test: TestQueue, minutes: number): Promise<void> {
  await until(
    async () => {
      await test.queue.advance(at(minutes));
      return storeGroup(test, minutes);
    },
    (refusal) => refusal === '',
  );
}

/** Why none of a group of readings was stored; empty when all were. */
function storeGroup(test: TestQueue, minute: number): Promise<string> {
  const group = Array.from({ length: GROUP }, (_, i) => ({ at: at(minute, i / 100), values: WIDE }));
  return test.append(...group).then(() => '', String);
}

function report(fault: string, { accepted, delivered, pending, evicted }: Ledger): void {
  const lost = accepted - delivered - pending - evicted;
  reportFault({ fault, rounds: 1, acknowledged: accepted, lost, duplicates: 0, unaccounted: 0 });
}
