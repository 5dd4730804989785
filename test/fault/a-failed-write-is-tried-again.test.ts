import { describe, expect, it } from 'vitest';
import { DiskFaultScene } from '../support/disk-fault-scene.ts';
import { reportFault, within } from '../support/fault-report.ts';
import { FaultyDisk, type DiskFault } from '../support/faulty-disk.ts';
import { lacks } from '../support/needs.ts';

const WAL = { call: 'write', file: 'queue.db-wal' } as const;

describe.skipIf(lacks({ programs: ['gcc'] }))('a write that fails', () => {
  it('once or is cut short: it is tried again, and nothing ends', within(120_000), async () => {
    const disk = new FaultyDisk();
    const scene = await DiskFaultScene.set({ env: disk.env });
    await scene.start();
    for (const fails of ['EIO', 'ENOSPC', 'short'] as const) {
      disk.failOnce({ ...WAL, fails });
      await expect.poll(() => disk.waiting, { timeout: 20_000 }).toBe(false);
      await scene.moreAcknowledged(20);
    }
    disk.fail({ ...WAL, fails: 'short' });
    await scene.moreAcknowledged(20);
    disk.heal();
    const status = await scene.drain();
    expect(scene.gateway.ends).toEqual([]);
    reportFault({ ...scene.row('a write fails once, or is cut short', status, scene.arrived()), rounds: 4 });
  });

  it.each<[fails: DiskFault['fails'], code: 'disk.failing' | 'disk.low', ends: number]>([
    ['EIO', 'disk.failing', 1],
    ['ENOSPC', 'disk.low', 0],
  ])('%s for a while: %s, and it goes on by itself', within(120_000), async (fails, code, ends) => {
    const disk = new FaultyDisk();
    const scene = await DiskFaultScene.set({ env: disk.env });
    await scene.start();
    disk.fail({ ...WAL, fails });
    const during = await scene.problem(code);
    expect(during.health).toBe('failing');
    await expect.poll(() => scene.gateway.ends.length, { timeout: 40_000 }).toBe(ends);

    disk.heal();
    await scene.moreAcknowledged(20);
    const status = await scene.drain();
    expect(scene.gateway.ends).toHaveLength(ends);
    reportFault(scene.row(`writes fail with ${fails} for a while`, status, scene.arrived()));
  });
});
