import { statSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { EXIT } from '../../src/model/error.ts';
import { DiskFaultScene } from '../support/disk-fault-scene.ts';
import { reportFault, within } from '../support/fault-report.ts';
import { FaultyDisk } from '../support/faulty-disk.ts';
import { lacks } from '../support/needs.ts';
import { seedQueue } from '../support/seed-queue.ts';

const PAGE = 4096;
const BAD_PAGE = 60;
const READINGS = 20_000;
/** Their values, far from those of the meter. */
const FIRST = 1_000_000;
/** Readings on a page, at most. */
const ON_A_PAGE = 200;

describe.skipIf(lacks({ programs: ['gcc'] }))('a block of the card that cannot be read any more', () => {
  it('is left behind with the file; all other readings are taken over and delivered', within(120_000), async () => {
    const disk = new FaultyDisk();
    const scene = await DiskFaultScene.set({ env: disk.env });
    const now = Date.now();
    await seedQueue(
      scene.dataDir,
      Array.from({ length: READINGS }, (_, i) => ({
        at: now - 20 * 60_000 + i * 50,
        values: { 'power.active.import': FIRST + i },
      })),
    );
    disk.fail({ call: 'read', fails: 'EIO', file: `#${statSync(scene.database).ino}`, byte: BAD_PAGE * PAGE });
    scene.dynatrace.heal();
    scene.gateway.start();
    const status = await scene.problem('database.salvaged');
    const salvaged = status.problems.find(({ code }) => code === 'database.salvaged');
    expect(salvaged?.hint).toContain('replace the card or disk');
    expect(scene.gateway.ends).toEqual([EXIT.internal]);

    await expect.poll(() => scene.salvaged()?.done, { timeout: 40_000 }).toBe(true);
    // Its readings wake the dispatcher, as they do at home.
    scene.meter.start();
    await scene.moreAcknowledged(20);
    const drained = await scene.drain();
    const { readingsRecovered = 0, readingsLost = 0 } = scene.salvaged() ?? {};
    expect(readingsLost).toBeGreaterThan(0);
    expect(readingsLost).toBeLessThan(ON_A_PAGE);
    const arrived = [...scene.arrived()].filter((value) => value >= FIRST);
    expect(arrived).toHaveLength(readingsRecovered);
    const row = scene.row('a bad block', drained, scene.arrived());
    const lost = READINGS - arrived.length - (readingsLost ?? 0);
    reportFault({ ...row, acknowledged: row.acknowledged + READINGS, lost: row.lost + lost });
  });
});
