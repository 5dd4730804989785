import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { EXIT } from '../../src/model/error.ts';
import { DiskFaultScene } from '../support/disk-fault-scene.ts';
import { FailingFileSystem } from '../support/failing-file-system.ts';
import { fakeSystemdNotify } from '../support/fake-systemd-notify.ts';
import { reportFault, within } from '../support/fault-report.ts';
import { lacks } from '../support/needs.ts';
import { tempDir } from '../support/temp-dir.ts';

/** By how much systemd is told to wait longer, in minutes. */
function extension(told: string): number | null {
  const [, microseconds] = /^EXTEND_TIMEOUT_USEC=(\d+)$/.exec(told) ?? [];
  return microseconds === undefined ? null : Number(microseconds) / 60e6;
}

const NEEDS = { programs: ['mount', 'findmnt', 'mkfs.ext4'], root: true };

describe.skipIf(lacks(NEEDS))('a file system that takes no writes', () => {
  it(
    'made so by the kernel while it runs: it says so, and goes on when it is mounted again',
    within(120_000),
    async () => {
      const disk = new FailingFileSystem();
      const scene = await DiskFaultScene.set({ dataDir: join(disk.path, 'data') });
      await scene.start();
      disk.fail();
      const failing = await scene.problem('disk.failing');
      const problem = failing.problems.find(({ code }) => code === 'disk.failing');
      expect(problem).toMatchObject({
        message: expect.stringContaining('read-only'),
        hint: expect.stringContaining('dmesg'),
      });
      await expect.poll(() => scene.gateway.ends, { timeout: 40_000 }).toEqual([EXIT.internal]);
      await disk.repair();
      await scene.moreAcknowledged(20);
      const status = await scene.drain();
      expect(scene.gateway.ends).toEqual([EXIT.internal]);
      expect(status.problems.map(({ code }) => code)).not.toContain('disk.failing');
      reportFault(scene.row('file system read-only while running', status, scene.arrived()));
    },
  );

  it('at the start: it waits, says so to systemd, and status works', within(120_000), async () => {
    const disk = new FailingFileSystem();
    const dir = tempDir();
    const socket = join(dir, 'notify');
    fakeSystemdNotify(dir);
    const told = (): string[] => readFileSync(socket, 'utf8').trim().split('\n');
    const scene = await DiskFaultScene.set({
      dataDir: join(disk.path, 'data'),
      env: { PATH: `${dir}:${process.env['PATH'] ?? ''}`, NOTIFY_SOCKET: socket },
    });
    await scene.start();
    await scene.gateway.restart(() => disk.makeReadOnly());
    await expect.poll(() => scene.gateway.process.output, { timeout: 40_000 }).toContain('is read-only');
    const { code, stdout } = await scene.gateway.process.command('status');
    expect(code).toBe(EXIT.notRunning);
    expect(stdout).toMatch(/disk\.failing .*read-only/);
    // At each try, for so long that the next can be made.
    await expect
      .poll(() => told().slice(-2).map(extension), { timeout: 40_000 })
      .toSatisfy((minutes: number[]) => minutes.length === 2 && minutes.every((m) => m > 15));
    await disk.repair();
    await scene.moreAcknowledged(20);
    const status = await scene.drain();
    expect(scene.gateway.ends).toEqual([]);
    expect(told().slice(-2)).toEqual([expect.stringMatching(/^EXTEND/), 'READY=1']);
    reportFault(scene.row('file system read-only at the start', status, scene.arrived()));
  });
});
