import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { parseEnv } from 'node:util';
import { quoteHashes } from '../../src/config/environment.ts';
import { tempDir } from '../support/temp-dir.ts';

const SCRIPT = join(import.meta.dirname, '../../scripts/deploy/mosquitto-password');

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
