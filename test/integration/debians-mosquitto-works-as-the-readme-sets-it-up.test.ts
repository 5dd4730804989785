/** The lines of the README for a broker without Docker, with Debian's own configuration around what they write. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { Publisher } from '../../src/sources/mqtt/publisher.ts';
import { freePort } from '../support/free-port.ts';
import { findProgram, lacks } from '../support/needs.ts';
import { ROOT } from '../support/source-tree.ts';
import { tempDir } from '../support/temp-dir.ts';
import { workedExamples } from '../support/worked-examples.ts';

const DEBIANS = '/etc/mosquitto/mosquitto.conf';
const PASSWORD = 'gateway-pass';

const needs = { programs: ['mosquitto', 'mosquitto_passwd'], files: [DEBIANS], root: true };

describe.skipIf(lacks(needs))("Debian's Mosquitto, as the README sets it up", () => {
  const undo: (() => Promise<unknown>)[] = [];

  afterEach(async () => {
    for (const step of undo.splice(0).toReversed()) await step();
  });

  it('takes its configuration, lets the gateway in by its password and nobody without one', async () => {
    const root = tempDir();
    const port = await freePort();
    prepare(root);
    carryOutReadme(root);
    const own = join(root, 'etc/mosquitto/conf.d/gateway.conf');
    writeFileSync(own, readFileSync(own, 'utf8').replace(/^listener .*$/m, `listener ${port} 127.0.0.1`));
    const broker = spawn(findProgram('mosquitto') ?? '', ['-c', join(root, DEBIANS)], { stdio: 'ignore' });
    const ended = once(broker, 'exit');
    undo.push(async () => {
      broker.kill();
      await ended;
    });
    const login = { username: 'gateway', password: { reveal: () => PASSWORD } };
    await expect.poll(() => publish(port, login), { timeout: 10_000 }).toBe('published');
    expect(await publish(port, {})).toContain('The broker refuses the login');
    expect(broker.exitCode).toBeNull();
  });
});

/** The folders that Debian's package makes, and its configuration with their paths below `root`. */
function prepare(root: string): void {
  // Mosquitto gives up root before it reads the passwords.
  chmodSync(root, 0o755);
  const folders = ['etc/mosquitto/conf.d', 'var/lib/mosquitto', 'var/log/mosquitto', 'run/mosquitto'];
  for (const folder of folders) mkdirSync(join(root, folder), { recursive: true });
  execFileSync('chown', ['mosquitto:', ...folders.slice(1).map((folder) => join(root, folder))]);
  const text = readFileSync(DEBIANS, 'utf8').replaceAll(/(?<= )\/(?=etc|var|run)/g, `${root}/`);
  writeFileSync(join(root, DEBIANS), text);
}

/** With the paths below `root`, a password that nobody is asked for, and nothing installed or restarted. */
function carryOutReadme(root: string): void {
  const examples = workedExamples(readFileSync(join(ROOT, 'README.md'), 'utf8'));
  const { command = '' } = examples.find((example) => example.command.includes('install mosquitto')) ?? {};
  const bin = join(root, 'bin');
  mkdirSync(bin);
  for (const [name, text] of Object.entries({ sudo: 'exec "$@"', 'apt-get': 'true', systemctl: 'true' }))
    writeFileSync(join(bin, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  const adapted = command
    .replaceAll('/etc/mosquitto', join(root, 'etc/mosquitto'))
    .replace(/mosquitto_passwd (-c \S+ gateway)/, `mosquitto_passwd -b $1 ${PASSWORD}`);
  expect(adapted).toContain(PASSWORD);
  const PATH = `${bin}:${process.env['PATH'] ?? ''}:/usr/sbin`;
  execFileSync('bash', ['-euo', 'pipefail', '-c', adapted], { cwd: ROOT, env: { PATH }, stdio: 'pipe' });
  expect(existsSync(join(root, 'etc/mosquitto/gateway-passwords'))).toBe(true);
}

async function publish(port: number, login: Pick<Parameters<typeof Publisher.connect>[0], 'username' | 'password'>) {
  try {
    const options = { url: `mqtt://127.0.0.1:${port}`, protocol: 'auto', clientId: 'test', ...login } as const;
    const publisher = await Publisher.connect(options, AbortSignal.timeout(5_000));
    await publisher.publish('amis/data', '{}', { qos: 1, retain: false });
    await publisher.close();
    return 'published';
  } catch (error) {
    return String(error);
  }
}
