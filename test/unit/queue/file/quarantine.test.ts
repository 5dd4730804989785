import { existsSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, it } from 'vitest';
import {
  forgetDamage,
  isMarkedDamaged,
  markDamaged,
  movedEarlier,
  moveAside,
} from '../../../../src/queue/file/quarantine.ts';
import { at, T0, TestQueue } from '../../../support/queue-fixture.ts';
import { tempDir } from '../../../support/temp-dir.ts';

const NAME = 'queue.db.corrupt-20261120T140000Z';

function files(names: readonly string[]): string {
  const dir = tempDir();
  for (const name of names) writeFileSync(join(dir, name), name);
  return join(dir, 'queue.db');
}

function left(path: string): string[] {
  return readdirSync(join(path, '..')).toSorted();
}

it('moves the file and its WAL aside, and keeps the marker until the new database knows', () => {
  const path = files(['queue.db', 'queue.db-wal', 'queue.db-shm']);
  markDamaged(path);
  expect(movedEarlier(path)).toBeNull();
  expect(moveAside(path, T0)).toBe(join(path, '..', NAME));
  expect(left(path)).toEqual([NAME, `${NAME}-wal`, 'queue.db.damaged']);
  expect(movedEarlier(path)).toBe(join(path, '..', NAME));
  forgetDamage(path);
  expect(isMarkedDamaged(path)).toBe(false);
});

it('goes on with a move that was interrupted after the WAL, whatever a reader left in its place', () => {
  const path = files(['queue.db', `${NAME}-wal`]);
  writeFileSync(`${path}.damaged`, NAME);
  writeFileSync(`${path}-wal`, '');
  moveAside(path, T0 + 60_000);
  expect(left(path)).toEqual(['queue.db-wal', NAME, `${NAME}-wal`, 'queue.db.damaged']);
});

it('begins anew with a marker whose text did not reach the disk', () => {
  const path = files(['queue.db']);
  writeFileSync(`${path}.damaged`, '\0\0\0');
  expect(movedEarlier(path)).toBeNull();
  expect(moveAside(path, T0)).toBe(join(path, '..', NAME));
});

it('takes over the readings of a file whose successor had not heard of it when the process ended', async () => {
  const old = await TestQueue.open();
  await old.append({ at: at(0) }, { at: at(1) });
  await old.close();
  renameSync(join(old.dataDir, 'queue.db'), join(old.dataDir, NAME));
  writeFileSync(join(old.dataDir, 'queue.db.damaged'), NAME);
  // As far as the successor had come.
  new Database(join(old.dataDir, 'queue.db')).close();
  const test = await TestQueue.open({ dataDir: old.dataDir });
  expect(test.opening.salvaged).toMatchObject({ movedTo: join(old.dataDir, NAME) });
  await expect.poll(async () => (await test.report()).salvaged).toMatchObject({ done: true, readingsRecovered: 2 });
  expect(existsSync(join(old.dataDir, 'queue.db.damaged'))).toBe(false);
});

it('does not move a good database aside because of a marker that was left without its file', async () => {
  const test = await TestQueue.open();
  await test.close();
  rmSync(join(test.dataDir, 'queue.db'));
  markDamaged(join(test.dataDir, 'queue.db'));
  const fresh = await TestQueue.open({ dataDir: test.dataDir });
  await fresh.close();
  const again = await TestQueue.open({ dataDir: test.dataDir });
  expect(again.opening).toMatchObject({ databaseId: fresh.opening.databaseId, salvaged: null });
});
