import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { parseEnv } from 'node:util';
import { quoteHashes } from '../../src/config/environment.ts';
import { OPENING_MS } from '../../src/queue/open-queue.ts';
import { tempDir } from '../support/temp-dir.ts';

const SCRIPTS = join(import.meta.dirname, '../../scripts');
const SCRIPT = join(SCRIPTS, 'deploy/mosquitto-password');

it.each([
  ['plain', 'MQTT_PASSWORD=secret\n'],
  ['a comment behind it', 'MQTT_PASSWORD=secret # for the meter\n'],
  ['a # within it', 'MQTT_PASSWORD=sec#ret\n'],
  ['quoted, with a comment behind it', 'MQTT_PASSWORD="sec # ret" # for the meter\n'],
  ['single quotes', "MQTT_PASSWORD='sec\"ret'\n"],
  ['line ends of Windows', 'MQTT_PASSWORD=secret\r\n'],
  ['blanks and export', 'export MQTT_PASSWORD = secret \n'],
])('the broker is given the password that the gateway reads: %s', (_, line) => {
  const root = tempDir();
  const bin = join(root, 'bin');
  for (const folder of [bin, join(root, 'scripts/deploy')]) mkdirSync(folder, { recursive: true });
  cpSync(SCRIPT, join(root, 'scripts/deploy/mosquitto-password'));
  // Left in the clear, to be compared.
  for (const name of ['mosquitto_passwd', 'chown']) writeFileSync(join(bin, name), '#!/bin/sh\n', { mode: 0o755 });
  const env = `MQTT_USER=gateway\n${line}`;
  writeFileSync(join(root, '.env'), env);
  execFileSync(join(root, 'scripts/deploy/mosquitto-password'), {
    env: { PATH: `${bin}:${process.env['PATH'] ?? ''}` },
  });
  const written = readFileSync(join(root, 'scripts/deploy/passwords'), 'utf8');
  expect(written).toBe(`gateway:${parseEnv(quoteHashes(env))['MQTT_PASSWORD'] ?? ''}\n`);
});

it('npm run bench fetches a Node that is new enough, and takes what stands behind --', () => {
  const root = tempDir();
  const bin = join(root, 'bin');
  for (const name of ['runtime.sh', 'test-tools.sh', 'bench/run'])
    cpSync(join(SCRIPTS, name), join(root, 'scripts', name));
  mkdirSync(join(root, 'node_modules'));
  for (const file of ['package-lock.json', 'node_modules/.package-lock.json']) writeFileSync(join(root, file), '{}');
  mkdirSync(bin);
  const program = { mode: 0o755 };
  // The system's Node is too old: it says no to every question. Nothing is installed.
  writeFileSync(join(bin, 'node'), '#!/bin/sh\nexit 1\n', program);
  for (const name of ['npm', 'apt-get', 'mosquitto']) writeFileSync(join(bin, name), '#!/bin/sh\n', program);
  for (const arch of ['x64', 'arm64']) {
    const fetched = join(root, `.runtime/node_modules/node-linux-${arch}/bin`);
    mkdirSync(fetched, { recursive: true });
    writeFileSync(join(fetched, 'node'), '#!/bin/sh\n[ "$1" = -e ] || printf "%s\\n" "$@"\n', program);
  }
  const { scripts } = JSON.parse(readFileSync(join(SCRIPTS, '../package.json'), 'utf8')) as {
    readonly scripts: Readonly<Record<string, string>>;
  };
  const said = execFileSync('/bin/sh', ['-c', `${scripts['bench'] ?? ''} --only "intake,drain"`], {
    cwd: root,
    env: { PATH: `${bin}:${process.env['PATH'] ?? ''}` },
    encoding: 'utf8',
  });
  expect(said).toBe(`${root}/scripts/bench/main.ts\n--only\nintake,drain\n`);
});

it('the service is given as much time for a start as the opening of its queue may take', () => {
  const [, minutes] =
    /^TimeoutStartSec=(\d+)min$/m.exec(readFileSync(join(SCRIPTS, 'deploy/gateway.service'), 'utf8')) ?? [];
  expect(Number(minutes) * 60_000).toBe(OPENING_MS);
});
