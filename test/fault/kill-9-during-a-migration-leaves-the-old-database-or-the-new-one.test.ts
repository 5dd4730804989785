/**
 * Killed while the database is made or brought to the next version. The windows are found by watching the files: the kill comes
 * when the database appears, or when the migration's transaction has begun to spill into the WAL.
 */
import { cpSync, existsSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, it, onTestFinished } from 'vitest';
import { minuteOf, startOf } from '../../src/model/time.ts';
import { unaccounted } from '../support/accounts.ts';
import { connectPublisher } from '../support/broker-for-tests.ts';
import { Deliveries } from '../support/deliveries.ts';
import { startDynatrace, TOKEN } from '../support/dynatrace.ts';
import { reportFault, rounds, within } from '../support/fault-report.ts';
import { freePort } from '../support/free-port.ts';
import { GatewayProcess } from '../support/gateway-process.ts';
import { KillScene } from '../support/kill-scene.ts';
import { nextRelease } from '../support/next-release.ts';
import type { TestReading } from '../support/queue-readings.ts';
import { seedQueue } from '../support/seed-queue.ts';
import { tempDir } from '../support/temp-dir.ts';

const READINGS = 40_000;
/** Copies every reading: more than the cache holds, so that much of it is in the WAL before it is committed. */
const REBUILD = `
CREATE TABLE rebuilt (
  key INTEGER PRIMARY KEY, origin INTEGER NOT NULL, shape INTEGER NOT NULL, at REAL NOT NULL, received REAL, mono REAL NOT NULL,
  device_time REAL, boot INTEGER NOT NULL, flags INTEGER NOT NULL, data BLOB NOT NULL
) STRICT;
INSERT INTO rebuilt SELECT * FROM readings ORDER BY key;
DROP TABLE readings;
ALTER TABLE rebuilt RENAME TO readings;
`;

it('a database of the release before keeps everything it holds, and delivers it', within(120_000), async () => {
  const kills = rounds(4);
  const { cli, version } = nextRelease(REBUILD);
  const deliveries = new Deliveries({ resolution: 'raw' });
  const dynatrace = await startDynatrace({ store: false, keepRequests: 1, onRequest: (r) => deliveries.note(r) });
  onTestFinished(() => dynatrace.stop());
  const dir = tempDir();
  const older = join(dir, 'older');
  const dataDir = join(dir, 'data');
  const stored = await seedQueue(older, readings());
  const sink = `{ type: dynatrace, name: dynatrace, url: "${dynatrace.url}", token: ${TOKEN}, resolution: raw }`;
  const gateway = new GatewayProcess({ dir, cli, yaml: `sources: []\nsinks: [${sink}]\n` });
  let inTheMidst = 0;
  for (let kill = 0; kill < kills; kill++) {
    if (versionOf(dataDir) !== version - 1) {
      rmSync(dataDir, { recursive: true, force: true });
      cpSync(older, dataDir, { recursive: true });
    }
    const before = walWrittenAt(dataDir);
    const starting = gateway.start().catch(() => undefined);
    await expect.poll(() => walWrittenAt(dataDir), { timeout: 20_000, interval: 1 }).not.toBe(before);
    await sleepWithin(kill === 0 ? 0 : 80);
    await gateway.kill();
    await starting;
    expect(rowsOf(dataDir)).toEqual({ check: 'ok', readings: READINGS, migrations: versionOf(dataDir) });
    if (versionOf(dataDir) === version - 1) inTheMidst += 1;
  }
  expect(inTheMidst).toBeGreaterThan(0);
  await gateway.start();
  await expect
    .poll(async () => (await gateway.status()).queue.pendingValues, { timeout: 60_000, interval: 500 })
    .toBe(0);
  const status = await gateway.status();
  const { delivered = 0, late = 0 } = status.sinks[0]?.ledger ?? {};
  await gateway.stop();
  expect(rowsOf(dataDir)).toEqual({ check: 'ok', readings: READINGS, migrations: version });
  reportFault({
    fault: 'kill -9 while an older database is migrated',
    rounds: kills,
    acknowledged: stored,
    lost: stored - Math.min(deliveries.values, delivered + late),
    duplicates: deliveries.duplicates,
    unaccounted: unaccounted(status),
  });
});

it('a first start that was cut short stands in nobody’s way: the next one collects', within(120_000), async () => {
  const port = await freePort();
  const scene = await KillScene.open({
    resolution: 'raw',
    yaml: `
queue: { linger: 50ms }
sources:
  - { type: mqtt, name: meter, url: "embedded://127.0.0.1:${port}", topics: [amis/+], device: "{2}" }`,
  });
  const kills = 2 * rounds(3);
  let acknowledged = 0;
  let lost = 0;
  let inTheMidst = 0;
  while (scene.kills < kills) {
    rmSync(scene.dataDir, { recursive: true, force: true });
    const starting = scene.gateway.start().catch(() => undefined);
    await expect.poll(() => existsSync(join(scene.dataDir, 'queue.db')), { timeout: 20_000, interval: 1 }).toBe(true);
    await scene.killWithin(scene.kills % 4 === 0 ? 0 : 30);
    await starting;
    if (versionOf(scene.dataDir) === 0) inTheMidst += 1;
    await scene.start();
    const publisher = await connectPublisher(`mqtt://127.0.0.1:${port}`);
    await Promise.all(
      ['m1', 'm2', 'm3'].map((meter) => publisher.publish(`amis/${meter}`, '{"1.7.0":1}', { qos: 1, retain: false })),
    );
    await publisher.close();
    await scene.kill();
    acknowledged += 3;
    lost += 3 - scene.report().storedReadings;
  }
  expect(inTheMidst).toBeGreaterThan(0);
  reportFault(scene.row('kill -9 while the database is made', { acknowledged, lost }));
});

function readings(): TestReading[] {
  const youngest = minuteOf(Date.now()) - 8;
  return Array.from({ length: READINGS }, (_, n) => ({
    at: startOf(youngest - (n % 40)) + 30_000,
    device: `m${Math.floor(n / 40)}`,
  }));
}

/** What SQLite makes of the files a kill left behind. */
function rowsOf(dataDir: string): { check: unknown; readings: unknown; migrations: unknown } {
  const db = new Database(join(dataDir, 'queue.db'), { readonly: true });
  try {
    const count = (table: string): unknown => db.prepare(`SELECT count(*) FROM ${table}`).pluck().get();
    return {
      check: db.pragma('quick_check', { simple: true }),
      readings: count('readings'),
      migrations: count('migrations'),
    };
  } finally {
    db.close();
  }
}

/** -1: there is no database. */
function versionOf(dataDir: string): number {
  const path = join(dataDir, 'queue.db');
  if (!existsSync(path)) return -1;
  const db = new Database(path, { readonly: true });
  try {
    return Number(db.pragma('user_version', { simple: true }));
  } catch (error) {
    // A journal that has to be rolled back first: the very first change had not ended.
    if (error instanceof Database.SqliteError && error.code.startsWith('SQLITE_READONLY')) return 0;
    throw error;
  } finally {
    db.close();
  }
}

function walWrittenAt(dataDir: string): number {
  return statSync(join(dataDir, 'queue.db-wal'), { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

function sleepWithin(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.random() * ms));
}
