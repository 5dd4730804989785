import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
  rmSync,
} from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, it, onTestFinished } from 'vitest';
import { EXIT } from '../../../src/model/error.ts';
import { openInspector } from '../../../src/queue/open-inspector.ts';
import { openQueue } from '../../../src/queue/open-queue.ts';
import { at, DYNATRACE, queueOptions, REQUEST, T0, TestQueue } from '../../support/queue-fixture.ts';
import { appendOf } from '../../support/queue-readings.ts';
import { silentLog } from '../../support/silent-log.ts';
import { tempDir } from '../../support/temp-dir.ts';

const open = (dataDir: string) => openQueue(queueOptions({ dataDir }), { log: silentLog, onDeath: () => undefined });

it('keeps what was appended across a restart, and tells a clean stop from a crash', async () => {
  const test = await TestQueue.open();
  expect(test.opening).toMatchObject({ unclean: false, salvaged: null });
  await test.append({ at: at(0) });
  await test.close();
  expect(existsSync(join(test.dataDir, 'queue.db-wal'))).toBe(false);
  const again = await TestQueue.open({ dataDir: test.dataDir });
  expect(again.opening).toMatchObject({ unclean: false, databaseId: test.opening.databaseId });
  expect(await again.report()).toMatchObject({ storedReadings: 1, pendingReadings: 1 });
});

it('keeps the data for its owner alone', async () => {
  const dataDir = join(tempDir(), 'data');
  const test = await TestQueue.open({ dataDir });
  await test.append({ at: at(0) });
  expect(statSync(dataDir).mode & 0o777).toBe(0o700);
  for (const name of readdirSync(dataDir).filter((n) => n.startsWith('queue.db'))) {
    expect([name, statSync(join(dataDir, name)).mode & 0o777]).toEqual([name, 0o600]);
  }
});

it('has each append in the write-ahead log when it resolves', async () => {
  const test = await TestQueue.open();
  const wal = join(test.dataDir, 'queue.db-wal');
  const before = statSync(wal).size;
  await test.append({ at: at(0) });
  expect(statSync(wal).size).toBeGreaterThan(before);
  const other = new Database(join(test.dataDir, 'queue.db'), { readonly: true });
  expect(other.prepare('SELECT count(*) AS n FROM readings').get()).toEqual({ n: 1 });
  other.close();
});

it('refuses a second gateway on the same directory with exit code 6', { timeout: 10_000 }, async () => {
  const test = await TestQueue.open();
  await expect(open(test.dataDir)).rejects.toMatchObject({ name: 'GatewayError', exitCode: EXIT.alreadyRunning });
  expect(openInspector(test.dataDir).daemonRunning()).toBe(true);
  await test.close();
  expect(openInspector(test.dataDir).daemonRunning()).toBe(false);
});

it('refuses a database of a newer program with exit code 5, and leaves it as it is', async () => {
  const test = await TestQueue.open();
  await test.close();
  const path = join(test.dataDir, 'queue.db');
  const db = new Database(path);
  db.pragma('user_version = 99');
  db.close();
  const before = readFileSync(path);
  await expect(open(test.dataDir)).rejects.toMatchObject({ exitCode: EXIT.newerDatabase });
  expect(() => openInspector(test.dataDir).report(T0)).toThrow(/version 99/);
  expect(readFileSync(path).equals(before)).toBe(true);
});

it('refuses a database of another program', async () => {
  const dataDir = tempDir();
  const db = new Database(join(dataDir, 'queue.db'));
  db.exec('CREATE TABLE theirs (x)');
  db.close();
  await expect(open(dataDir)).rejects.toMatchObject({ exitCode: EXIT.configuration });
});

it('refuses a symbolic link in place of the database', async () => {
  const dataDir = tempDir();
  writeFileSync(join(dataDir, 'elsewhere'), '');
  symlinkSync(join(dataDir, 'elsewhere'), join(dataDir, 'queue.db'));
  await expect(open(dataDir)).rejects.toMatchObject({ exitCode: EXIT.configuration });
});

it('says which folder cannot be used', async () => {
  const dir = tempDir();
  writeFileSync(join(dir, 'file'), '');
  await expect(open(join(dir, 'file', 'data'))).rejects.toMatchObject({
    exitCode: EXIT.configuration,
    message: expect.stringContaining('cannot be created') as string,
  });
});

it('begins with an empty file as with none', async () => {
  const dataDir = tempDir();
  writeFileSync(join(dataDir, 'queue.db'), '');
  const test = await TestQueue.open({ dataDir });
  expect(await test.append({ at: at(0) })).toMatchObject({ readings: 1 });
});

it('rejects what is called after it was closed', async () => {
  const test = await TestQueue.open();
  await test.close();
  await expect(test.append({ at: at(0) })).rejects.toThrow(/closed/);
});

it('tells its owner when its thread dies, and rejects what waits', async () => {
  const dataDir = join(tempDir(), 'data');
  mkdirSync(dataDir);
  const deaths: Error[] = [];
  const { queue } = await openQueue(queueOptions({ dataDir }), {
    log: silentLog,
    onDeath: (error) => deaths.push(error),
  });
  await queue.registerSinks([]);
  // The schema goes from under the thread: its next write finds a database that is not one.
  const path = join(dataDir, 'queue.db');
  damageSchema(path);
  const append = { at: at(0) };
  await expect
    .poll(
      () =>
        queue.append(appendOf([append])).then(
          () => 'stored',
          () => 'rejected',
        ),
      { timeout: 5_000 },
    )
    .toBe('rejected');
  await expect.poll(() => deaths.length).toBe(1);
  await expect(queue.report(T0)).rejects.toThrow(/damaged/);
});

it('begins anew when a reading names a shape that is not there, and takes over all others', async () => {
  const dataDir = tempDir();
  const deaths: Error[] = [];
  const dependencies = { log: silentLog, onDeath: (error: Error) => deaths.push(error) };
  const { queue } = await openQueue(queueOptions({ dataDir }), dependencies);
  await queue.registerSinks([DYNATRACE]);
  await queue.confirmBoot(null);
  await queue.append(appendOf([{ at: at(0) }, { at: at(1) }, { at: at(2) }]));
  const db = new Database(join(dataDir, 'queue.db'));
  db.prepare('UPDATE readings SET shape = 4711 WHERE at = ?').run(at(1));
  db.close();
  await expect(queue.claim(REQUEST)).rejects.toThrow('no shape 4711');
  await expect.poll(() => deaths.length, { timeout: 5_000 }).toBe(1);

  const again = await TestQueue.open({ dataDir });
  expect(again.opening.salvaged).not.toBeNull();
  await expect.poll(async () => (await again.report()).salvaged).toMatchObject({ readingsRecovered: 2, done: true });
  expect(await again.report()).toMatchObject({ storedReadings: 2, pendingReadings: 2 });
});

it('ends when its file is removed under it: nothing it wrote from then on would last', async () => {
  const dataDir = tempDir();
  const deaths: Error[] = [];
  const { queue } = await openQueue(queueOptions({ dataDir }), {
    log: silentLog,
    onDeath: (error) => deaths.push(error),
  });
  rmSync(join(dataDir, 'queue.db'));
  await expect
    .poll(() => deaths.map(({ message }) => message), { timeout: 3_000 })
    .toEqual([expect.stringContaining('was removed or replaced') as string]);
  await expect(queue.report(T0)).rejects.toThrow(/removed/);
});

it('ends the process when the main loop stands still', { timeout: 20_000 }, async () => {
  const dataDir = tempDir();
  const script = `
    import { openQueue } from ${JSON.stringify(new URL('../../../src/queue/open-queue.ts', import.meta.url).href)};
    const log = { error() {}, warn() {}, info() {}, debug() {}, child: () => log };
    await openQueue(${JSON.stringify(queueOptions({ dataDir }))}, { log, onDeath() {}, watchdogMs: 1500 });
    console.log('open');
    setTimeout(() => { for (;;); }, 100);
  `;
  const file = join(dataDir, 'stuck.mjs');
  writeFileSync(file, script);
  const child = spawn(process.execPath, [file], { stdio: ['ignore', 'pipe', 'pipe'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  let said = '';
  child.stderr.on('data', (text: Buffer) => (said += text.toString()));
  const [, signal] = (await once(child, 'exit')) as [number | null, string | null];
  expect(signal).toBe('SIGKILL');
  expect(said).toContain('the main loop has not moved for 2 s');
});

function damageSchema(path: string): void {
  const other = new Database(path);
  other.unsafeMode();
  other.pragma('writable_schema = ON');
  other.exec("UPDATE sqlite_schema SET rootpage = 1 WHERE name = 'counters'");
  other.pragma('schema_version = 999');
  other.close();
}
