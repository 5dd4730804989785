/** After a sync that failed the kernel takes the pages for stored: what is committed behind them could vanish with them. */
import { describe, expect, it } from 'vitest';
import { EXIT } from '../../src/model/error.ts';
import { DiskFaultScene } from '../support/disk-fault-scene.ts';
import { reportFault, within } from '../support/fault-report.ts';
import { FaultyDisk } from '../support/faulty-disk.ts';
import { lacks } from '../support/needs.ts';

describe.skipIf(lacks({ programs: ['gcc'] }))('a sync that fails', () => {
  it('once: nothing more is acknowledged by this process, and the next goes on', within(120_000), async () => {
    const disk = new FaultyDisk();
    const scene = await DiskFaultScene.set({ env: disk.env });
    await scene.start();
    disk.failOnce({ call: 'fsync', fails: 'EIO', file: 'queue.db-wal' });
    await expect.poll(() => scene.gateway.ends, { timeout: 40_000 }).toEqual([EXIT.internal]);
    const acknowledged = scene.meter.acknowledged.size;
    await scene.collecting();
    await scene.moreAcknowledged(50);
    expect(acknowledged).toBeLessThan(scene.meter.acknowledged.size);
    const status = await scene.drain();
    expect(scene.gateway.ends).toEqual([EXIT.internal]);
    reportFault(scene.row('fsync fails once', status, scene.arrived()));
  });

  it('for a while: the gateway waits, says why, and goes on by itself', within(120_000), async () => {
    const disk = new FaultyDisk();
    const scene = await DiskFaultScene.set({ env: disk.env });
    await scene.start();
    disk.fail({ call: 'fsync', fails: 'EIO', file: 'queue.db-wal' });
    const failing = await scene.problem('disk.failing');
    expect(failing.problems.find(({ code }) => code === 'disk.failing')?.hint).toContain('dmesg');
    await expect
      .poll(() => scene.gateway.process.output, { timeout: 40_000 })
      .toContain('nothing can be collected yet');
    const { acknowledged } = scene.meter;
    const before = acknowledged.size;
    expect((await scene.gateway.process.command('status')).code).toBe(EXIT.notRunning);
    expect(acknowledged.size).toBe(before);
    expect(scene.gateway.ends).toEqual([EXIT.internal]);

    disk.heal();
    await scene.moreAcknowledged(20);
    const status = await scene.drain();
    expect(status.problems.map(({ code }) => code)).not.toContain('disk.failing');
    expect(scene.gateway.ends).toEqual([EXIT.internal]);
    reportFault(scene.row('fsync fails for a while', status, scene.arrived()));
  });
});
