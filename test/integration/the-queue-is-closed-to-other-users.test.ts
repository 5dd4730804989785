import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Ballast } from '../../src/queue/file/ballast.ts';
import { markDamaged, moveAside } from '../../src/queue/file/quarantine.ts';
import { connectPublisher } from '../support/broker-for-tests.ts';
import { freePort } from '../support/free-port.ts';
import { T0, TestQueue } from '../support/queue-fixture.ts';
import { runCli } from '../support/run-cli.ts';
import { ROOT } from '../support/source-tree.ts';
import { tempDir } from '../support/temp-dir.ts';

const DATABASE = ['lock.db', 'queue.db', 'queue.db-shm', 'queue.db-wal'];

/** What other users may read, write or enter: the folder itself (`.`) and what is in it, with its mode. */
function openToOthers(dir: string): string[] {
  const names = ['.', ...readdirSync(dir)].map((name) => [name, statSync(join(dir, name)).mode] as const);
  return names
    .filter(([, mode]) => (mode & 0o077) !== 0)
    .map(([name, mode]) => `${name} ${(mode & 0o777).toString(8)}`);
}

function umaskUntilFinished(mask: number): void {
  const before = process.umask(mask);
  onTestFinished(() => void process.umask(before));
}

describe('whatever the umask is, the data directory and its files are for one user alone', () => {
  it.each(['000', '077'])('when the daemon makes them under umask %s', { timeout: 60_000 }, async (umask) => {
    const dir = tempDir();
    const port = await freePort();
    const yaml = `sources: [{ type: mqtt, url: "embedded://127.0.0.1:${port}" }]\nqueue: { linger: 50ms }`;
    writeFileSync(join(dir, 'gateway.yaml'), yaml);
    const command = `umask ${umask}; exec ${process.execPath} ${join(ROOT, 'src/cli.ts')} run`;
    const child = spawn('sh', ['-c', command], { cwd: dir, stdio: ['ignore', 'pipe', 'ignore'], env: {} });
    onTestFinished(() => void child.kill('SIGKILL'));
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    await expect.poll(() => output, { timeout: 30_000 }).toContain('collecting');
    const meter = await connectPublisher(`mqtt://127.0.0.1:${port}`);
    await meter.publish('amis/data', '{"1.7.0":100}', { qos: 1, retain: false });
    const made = (): string[] => readdirSync(join(dir, 'data'));
    await expect.poll(made, { timeout: 20_000 }).toEqual(expect.arrayContaining(DATABASE));
    expect(openToOthers(join(dir, 'data'))).toEqual([]);
    const out = await runCli(['export', '--from', '-1h', '--to', 'now', '--out', 'day.csv'], { cwd: dir });
    expect([out.code, statSync(join(dir, 'day.csv')).mode & 0o777]).toEqual([0, 0o600]);
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    await ended;
  });

  it('when the queue is opened by another program of this process, which has set no umask', async () => {
    umaskUntilFinished(0);
    const dataDir = join(tempDir(), 'data');
    await TestQueue.open({ dataDir });
    expect(readdirSync(dataDir)).toEqual(expect.arrayContaining(DATABASE));
    expect(openToOthers(dataDir)).toEqual([]);
  });

  it('when a damaged database is marked and moved aside, and when the ballast is written', () => {
    const dir = tempDir();
    const path = join(dir, 'queue.db');
    umaskUntilFinished(0);
    writeFileSync(path, 'damaged', { mode: 0o600 });
    markDamaged(path);
    expect([readdirSync(dir).length, openToOthers(dir)]).toEqual([2, []]);
    moveAside(path, T0);
    expect(new Ballast(join(dir, 'ballast')).hold()).toBe(true);
    // The marker stays until the new database knows of the old one.
    expect([readdirSync(dir).length, openToOthers(dir)]).toEqual([3, []]);
  });
});

describe('a data directory that was left open', () => {
  it('is closed, with everything of ours in it, at the next start', async () => {
    const dataDir = tempDir();
    const queue = await TestQueue.open({ dataDir });
    await queue.close();
    const others = ['ballast', 'queue.db.corrupt-20261120T140000Z'];
    for (const name of others) writeFileSync(join(dataDir, name), 'x');
    for (const name of ['lock.db', 'queue.db', ...others]) chmodSync(join(dataDir, name), 0o666);
    chmodSync(dataDir, 0o777);
    await TestQueue.open({ dataDir });
    expect(openToOthers(dataDir)).toEqual([]);
  });

  it('keeps its mode where it holds files of others, whose modes are theirs', async () => {
    const dataDir = tempDir();
    writeFileSync(join(dataDir, 'photo.jpg'), '');
    mkdirSync(join(dataDir, 'queue-of-somebody'));
    chmodSync(join(dataDir, 'photo.jpg'), 0o644);
    chmodSync(join(dataDir, 'queue-of-somebody'), 0o755);
    chmodSync(dataDir, 0o755);
    await TestQueue.open({ dataDir });
    expect(openToOthers(dataDir)).toEqual(['. 755', 'photo.jpg 644', 'queue-of-somebody 755']);
  });
});
