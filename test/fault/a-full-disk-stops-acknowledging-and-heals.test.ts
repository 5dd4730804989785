import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { EXIT } from '../../src/model/error.ts';
import { DiskFaultScene } from '../support/disk-fault-scene.ts';
import { reportFault, within } from '../support/fault-report.ts';
import { lacks } from '../support/needs.ts';
import { SmallFileSystem } from '../support/small-file-system.ts';

const MIB = 1024 ** 2;

describe.skipIf(lacks({ programs: ['mount', 'mosquitto'], root: true }))(
  'a file system that somebody else fills',
  () => {
    it('costs nothing: what is not stored stays at the broker until there is space', within(120_000), async () => {
      const disk = new SmallFileSystem(64 * MIB);
      const dataDir = join(disk.path, 'data');
      const scene = await DiskFaultScene.set({ dataDir, broker: 'mosquitto' });
      await scene.start();
      await expect.poll(() => existsSync(join(dataDir, 'ballast')), { timeout: 20_000 }).toBe(true);

      disk.fill();
      const full = await scene.problem('disk.low');
      expect(full.problems[0]?.hint).toContain('Free some space');
      expect((await scene.gateway.process.command('status')).code).toBe(EXIT.failing);
      // What the ballast gave must not be taken for space that is there.
      disk.fill();
      const held = scene.stored().size;
      await scene.moreAcknowledged(200);

      disk.free();
      await expect.poll(() => scene.stored().size, { timeout: 40_000 }).toBeGreaterThan(held);
      const status = await scene.drain();
      expect(status.problems.map(({ code }) => code)).not.toContain('disk.low');
      expect(scene.gateway.ends).toEqual([]);
      reportFault(scene.row('file system full, later not', status, scene.arrived()));
    });

    it('does not keep it from starting, nor from ending', within(120_000), async () => {
      const disk = new SmallFileSystem(64 * MIB);
      const scene = await DiskFaultScene.set({
        dataDir: join(disk.path, 'data'),
        queue: '{ linger: 20ms, minFreeDisk: 12MiB }',
      });
      await scene.start();
      await expect.poll(() => existsSync(join(scene.dataDir, 'ballast')), { timeout: 20_000 }).toBe(true);
      expect(await scene.gateway.restart(() => disk.fill())).toBe(EXIT.ok);
      // With the space that was kept for this.
      await scene.collecting();
      expect((await scene.problem('disk.low')).health).toBe('failing');
      disk.free();
      await scene.moreAcknowledged(20);
      const status = await scene.drain();
      expect(scene.gateway.ends.length).toBeLessThanOrEqual(2);
      reportFault(scene.row('start on a full file system', status, scene.arrived()));
    });
  },
);
