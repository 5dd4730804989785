import { copyFileSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import BetterSqlite3 from 'better-sqlite3';
import { expect, it } from 'vitest';
import { openInspector } from '../../../../src/queue/open-inspector.ts';
import { moveStrayWal } from '../../../../src/queue/file/stray-wal.ts';
import { at, T0, TestQueue } from '../../../support/queue-fixture.ts';
import { tempDir } from '../../../support/temp-dir.ts';

it('replays the log of a crash that came right after a clean stop and a start', async () => {
  const stopped = await TestQueue.open();
  await stopped.append({ at: at(0) });
  await stopped.close();
  const running = await TestQueue.open({ dataDir: stopped.dataDir });
  await running.append({ at: at(1) });
  const dataDir = join(tempDir(), 'data');
  mkdirSync(dataDir);
  for (const name of readdirSync(running.dataDir)) copyFileSync(join(running.dataDir, name), join(dataDir, name));
  const again = await TestQueue.open({ dataDir });
  expect(await again.report()).toMatchObject({ storedReadings: 2 });
});

it('replays the log of a command that wrote while the gateway was stopped', async () => {
  const test = await TestQueue.open();
  await test.append({ at: at(0) });
  await test.close();
  const path = join(test.dataDir, 'queue.db');
  expect(existsSync(`${path}.stopped`)).toBe(true);
  openInspector(test.dataDir).queueReplay({ from: at(-1), to: at(1), wholeMinutes: true, now: T0, windows: {} });
  writeFileSync(`${path}-wal`, 'as if it had been cut off');
  expect(moveStrayWal(path, T0)).toBeNull();
});

it('replays the log of a stop during which a long export was reading', async () => {
  const stopped = await TestQueue.open();
  await stopped.append({ at: at(0) });
  const exporting = new BetterSqlite3(join(stopped.dataDir, 'queue.db'), { readonly: true });
  exporting.exec('BEGIN; SELECT count(*) FROM readings');
  await stopped.append({ at: at(1) });
  await stopped.close();
  exporting.close();
  const again = await TestQueue.open({ dataDir: stopped.dataDir });
  expect(await again.report()).toMatchObject({ storedReadings: 2 });
});

it('takes an empty log for none: who only looks leaves one', async () => {
  const test = await TestQueue.open();
  await test.close();
  const path = join(test.dataDir, 'queue.db');
  writeFileSync(`${path}-wal`, '');
  expect(moveStrayWal(path, T0)).toBeNull();
  expect(existsSync(`${path}-wal`)).toBe(true);
});

it('moves a log aside under a name of its own, and does so once', async () => {
  const test = await TestQueue.open();
  await test.close();
  const path = join(test.dataDir, 'queue.db');
  writeFileSync(`${path}.corrupt-20261120T140000Z-wal`, 'an earlier one');
  writeFileSync(`${path}-wal`, 'of somebody else');
  expect(moveStrayWal(path, T0)).toBe(`${path}.corrupt-20261120T140000Z-2-wal`);
  writeFileSync(`${path}-wal`, 'its own by now');
  expect(moveStrayWal(path, T0)).toBeNull();
});
