/** A card that does not answer: a commit that never returns, in the gateway and in the queue alone. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { amisPayload } from '../support/amis.ts';
import { connectPublisher } from '../support/broker-for-tests.ts';
import { fakeSystemdNotify } from '../support/fake-systemd-notify.ts';
import { within } from '../support/fault-report.ts';
import { freePort } from '../support/free-port.ts';
import { GatewayProcess } from '../support/gateway-process.ts';
import { HangingSync } from '../support/hanging-sync.ts';
import { lacks } from '../support/needs.ts';
import { queueOptions, T0 } from '../support/queue-fixture.ts';
import { ROOT } from '../support/source-tree.ts';
import { tempDir } from '../support/temp-dir.ts';

const WATCHDOG_SECONDS = 3;

describe.skipIf(lacks({ programs: ['gcc'] }))('a commit that never returns', () => {
  it('keeps systemd from being told that the gateway lives, until it returns', within(60_000), async () => {
    const dir = tempDir();
    const port = await freePort();
    const sync = new HangingSync(dir);
    const socket = join(dir, 'notify');
    fakeSystemdNotify(dir);
    const gateway = new GatewayProcess({
      dir,
      yaml: `sources: [{ type: mqtt, name: meter, url: "embedded://127.0.0.1:${port}", topics: [amis/data] }]`,
      env: {
        ...sync.env,
        PATH: `${dir}:${process.env['PATH'] ?? ''}`,
        NOTIFY_SOCKET: socket,
        WATCHDOG_USEC: String(WATCHDOG_SECONDS * 1_000_000),
      },
    });
    const told = (what: string): number =>
      existsSync(socket)
        ? readFileSync(socket, 'utf8')
            .split('\n')
            .filter((line) => line === what).length
        : 0;
    await gateway.start();
    const publisher = await connectPublisher(`mqtt://127.0.0.1:${port}`);
    await expect.poll(() => told('READY=1'), { timeout: 10_000 }).toBe(1);
    await expect.poll(() => told('WATCHDOG=1'), { timeout: 15_000 }).toBeGreaterThan(1);

    sync.begin();
    const acknowledged = publisher.publish('amis/data', amisPayload(1, Date.now()), { qos: 1, retain: false });
    // One may be on its way.
    await pause(3_000);
    const before = told('WATCHDOG=1');
    await pause(2 * WATCHDOG_SECONDS * 1_000);
    expect(told('WATCHDOG=1')).toBe(before);

    sync.end();
    await acknowledged;
    await expect.poll(() => told('WATCHDOG=1'), { timeout: 15_000 }).toBeGreaterThan(before);
    expect(await gateway.stop()).toBe(0);
    expect(told('STOPPING=1')).toBe(1);
  });

  it('ends the process where no systemd watches it', within(30_000), async () => {
    const dir = tempDir();
    const sync = new HangingSync(dir);
    const child = runQueue(dir, sync.env, { answerMs: 2_000 });
    await expect.poll(() => child.said(), { timeout: 15_000 }).toContain('open');
    sync.begin();
    const [code, signal] = (await once(child.process, 'exit')) as [number | null, string | null];
    expect([code, signal]).toEqual([null, 'SIGKILL']);
    expect(child.said()).toContain("the queue's thread has not answered for 2 s");
  });

  it('ends the process also while the queue is being opened', within(30_000), async () => {
    const dir = tempDir();
    const sync = new HangingSync(dir);
    sync.begin();
    const child = runQueue(dir, sync.env, { openingMs: 3_000 });
    const [code, signal] = (await once(child.process, 'exit')) as [number | null, string | null];
    expect([code, signal]).toEqual([null, 'SIGKILL']);
    expect(child.said()).toBe('the queue has not been opened for 3 s; ending the process to be started again\n');
  });
});

const source = (path: string): string => JSON.stringify(join(ROOT, path));

/** A process with nothing but the queue, to which it appends all the time. */
function runQueue(
  dir: string,
  env: Readonly<Record<string, string>>,
  limits: { answerMs?: number; openingMs?: number },
) {
  const file = join(dir, 'queue.mjs');
  writeFileSync(
    file,
    `
    import { openQueue } from ${source('src/queue/open-queue.ts')};
    import { appendOf } from ${source('test/support/queue-readings.ts')};
    const log = { error() {}, warn() {}, info() {}, debug() {}, child: () => log };
    const options = ${JSON.stringify(queueOptions({ dataDir: join(dir, 'data') }))};
    const { queue } = await openQueue(options, { log, onDeath() {}, ...${JSON.stringify(limits)} });
    await queue.registerSinks([]);
    console.log('open');
    for (let n = 0; ; n++) await queue.append(appendOf([{ at: ${T0} + n }]));
  `,
  );
  const child = spawn(process.execPath, [file], { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
  return { process: child, said: () => text };
}

/** What must not happen is not to be polled for. */
function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
