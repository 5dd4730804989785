import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, it } from 'vitest';
import { openInspector } from '../../../src/queue/open-inspector.ts';
import { at, T0, TestQueue } from '../../support/queue-fixture.ts';
import { listed } from '../../support/queue-readings.ts';

const READING = {
  at: at(0),
  deviceTime: at(0),
  values: { 'energy.active.import': 12_345_678, 'power.active.import': -1 },
};
/** The same two values as int32, as the first release stored them. */
const INT32 = Buffer.from([1, 0x4e, 0x61, 0xbc, 0, 0xff, 0xff, 0xff, 0xff]);
const LISTED = ['meter@0: energy.active.import=12345678 power.active.import=-1'];

/** A data directory as the first release left it. */
async function firstRelease(): Promise<string> {
  const test = await TestQueue.open();
  await test.append(READING);
  await test.close();
  const db = new Database(join(test.dataDir, 'queue.db'));
  expect(db.prepare('UPDATE readings SET data = ?').run(INT32).changes).toBe(1);
  db.exec('DELETE FROM migrations WHERE version > 1; DROP TABLE owed_parts');
  db.pragma('user_version = 1');
  db.close();
  return test.dataDir;
}

it('shows the readings of the first release, before they are migrated and afterwards', async () => {
  const dataDir = await firstRelease();
  expect(historyOf(dataDir)).toEqual(LISTED);
  await TestQueue.open({ dataDir });
  expect(historyOf(dataDir)).toEqual(LISTED);
});

it('delivers the readings of the first release, and knows a copy of one', async () => {
  const test = await TestQueue.open({ dataDir: await firstRelease() });
  expect(await test.append(READING)).toMatchObject({ readings: 0, duplicates: 1 });
  const claim = await test.claim();
  expect(claim === null ? null : listed(claim.readings, T0)).toEqual(LISTED);
});

function historyOf(dataDir: string): string[] {
  const inspector = openInspector(dataDir);
  const readings = [...inspector.history({ from: T0, to: at(1) })].flatMap((page) => listed(page, T0));
  inspector.close();
  return readings;
}
