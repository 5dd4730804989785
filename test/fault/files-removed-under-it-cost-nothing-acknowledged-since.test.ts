import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { EXIT } from '../../src/model/error.ts';
import { DiskFaultScene } from '../support/disk-fault-scene.ts';
import { reportFault, within } from '../support/fault-report.ts';

it('the database: a new one begins, and has all that was acknowledged after that', within(120_000), async () => {
  const scene = await DiskFaultScene.set();
  await scene.start();
  rmSync(scene.database);
  const goneWithIt = new Set(scene.meter.acknowledged);
  await expect.poll(() => scene.gateway.ends, { timeout: 40_000 }).toEqual([EXIT.internal]);
  await scene.moreAcknowledged(50);
  const status = await scene.drain(goneWithIt);
  expect(scene.gateway.ends).toEqual([EXIT.internal]);
  // A person took those away.
  const kept = new Set([...goneWithIt, ...scene.arrived()]);
  reportFault(scene.row('database removed while open', status, kept));
});

it('the write-ahead log: what was in it is brought to the database before it ends', within(120_000), async () => {
  const scene = await DiskFaultScene.set();
  await scene.start();
  rmSync(`${scene.database}-wal`);
  await expect.poll(() => scene.gateway.ends, { timeout: 40_000 }).toEqual([EXIT.internal]);
  await scene.moreAcknowledged(50);
  const status = await scene.drain();
  expect(scene.gateway.ends).toEqual([EXIT.internal]);
  expect(status.problems.map(({ code }) => code)).not.toContain('database.salvaged');
  reportFault(scene.row('write-ahead log removed while open', status, scene.arrived()));
});

it('the lock: it gives way rather than share the directory with another', within(120_000), async () => {
  const scene = await DiskFaultScene.set();
  await scene.start();
  rmSync(join(scene.dataDir, 'lock.db'));
  await expect.poll(() => scene.gateway.ends, { timeout: 40_000 }).toEqual([EXIT.internal]);
  await scene.moreAcknowledged(20);
  const status = await scene.drain();
  expect(scene.gateway.ends).toEqual([EXIT.internal]);
  reportFault(scene.row('lock removed while open', status, scene.arrived()));
});
