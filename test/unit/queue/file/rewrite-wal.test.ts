import { copyFileSync, readFileSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openWriter } from '../../../../src/queue/file/connection.ts';
import { at, TestQueue } from '../../../support/queue-fixture.ts';
import { tempDir } from '../../../support/temp-dir.ts';

const LONG_AGO = new Date(0);

it('what a crash left in the write-ahead log is written once more before anything is committed behind it', async () => {
  const running = await TestQueue.open();
  await running.append(...Array.from({ length: 5_000 }, (_, i) => ({ at: at(0, i / 100) })));
  const path = join(tempDir(), 'queue.db');
  copyFileSync(join(running.dataDir, 'queue.db'), path);
  copyFileSync(join(running.dataDir, 'queue.db-wal'), `${path}-wal`);
  utimesSync(`${path}-wal`, LONG_AGO, LONG_AGO);
  const before = readFileSync(`${path}-wal`);
  expect(before.length).toBeGreaterThan(256 * 1024);

  // It is set up already, so that nothing else is written here.
  const db = openWriter(path, 2 ** 26);
  expect(statSync(`${path}-wal`).mtime).not.toEqual(LONG_AGO);
  expect(readFileSync(`${path}-wal`).equals(before)).toBe(true);
  expect(db.prepare('SELECT count(*) AS n FROM readings').get()).toEqual({ n: 5_000 });
  db.close();
});
