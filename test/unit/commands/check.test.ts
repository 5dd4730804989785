import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { check } from '../../../src/commands/check.ts';
import { checkDataDir } from '../../../src/commands/check-machine.ts';
import { checkClock } from '../../../src/commands/check-sink.ts';
import { checkSource } from '../../../src/commands/check-source.ts';
import { loadConfig } from '../../../src/config/load.ts';
import { MINUTE } from '../../../src/model/time.ts';
import { checkScene, CHECK_TOKEN as TOKEN } from '../../support/check-scene.ts';

let directory = '';

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'check-'));
});
afterEach(() => rm(directory, { recursive: true }));

describe('gateway check', () => {
  it('prints the configuration in force without its secrets, and its warnings', async () => {
    const context = checkScene(directory, { sinkUrl: 'http://collector.example' });
    expect(await check({}, context)).toBe(0);
    expect(context.out()).toContain('url: http://collector.example');
    expect(context.out()).toContain('unencrypted');
    expect(context.out()).not.toContain(TOKEN);
  });

  it('prints one JSON document', async () => {
    const context = checkScene(directory, { sinkUrl: 'http://collector.example' });
    await check({ json: true }, context);
    expect(JSON.parse(context.out())).toMatchObject({ ok: true, warnings: [{ code: 'tls.unverified' }], checks: [] });
    expect(context.out()).not.toContain(TOKEN);
  });

  it('shows whether it goes into safe mode', async () => {
    const context = checkScene(directory, { sinkUrl: 'http://collector.example' });
    await check({}, context);
    expect(context.out()).toMatch(/^safeMode: true$/m);
  });

  it('counts its warnings in its last line', async () => {
    const context = checkScene(directory, { sinkUrl: 'http://collector.example' });
    await check({}, context);
    expect(context.out()).toMatch(/^The configuration is valid, with 1 warning\./m);
  });

  it.each([[{}], [{ json: true }]])('prints no secret that is part of what it tried (%j)', async (form) => {
    const token = 'zQ7-part-of-a-path';
    const inside = join(directory, token);
    await mkdir(inside);
    const context = checkScene(inside, { sinkUrl: 'http://127.0.0.1:1', token });
    await check({ online: true, ...form }, context);
    expect(context.out()).toContain('***/data can be made');
    expect(context.out()).not.toContain(token);
  });

  it('prints JSON also when a secret is one of its words', async () => {
    const context = checkScene(directory, { sinkUrl: 'http://collector.example', token: 'true' });
    await check({ json: true }, context);
    expect(JSON.parse(context.out())).toMatchObject({ ok: true });
  });
});

describe('the parts of the check', () => {
  it.each([
    [[null, 3_000], 'ok'],
    [[-2 * MINUTE], 'ok'],
    [[2 * MINUTE + 1], 'failed'],
    [[null], 'unknown'],
    [[], 'unknown'],
  ])('the clock with offsets %j is %s', (offsets, state) => {
    expect(checkClock(offsets).state).toBe(state);
  });

  it('a data directory that does not exist yet can be made where its parent can be written', async () => {
    expect(checkDataDir(join(directory, 'a/b')).state).toBe('ok');
    await writeFile(join(directory, 'file'), '');
    expect(checkDataDir(join(directory, 'file')).state).toBe('failed');
  });

  it('names an address at which the broker that has the port is reached', async () => {
    const server = createServer().listen(0, '0.0.0.0');
    await once(server, 'listening');
    try {
      const address = server.address();
      const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
      const env = { MQTT_BROKER: `embedded://0.0.0.0:${port}`, MQTT_USER: 'meter', MQTT_PASSWORD: 'a-long-password' };
      const { sources } = loadConfig({ env, cwd: directory, hostname: 'box', systemFolder: directory });
      const [source] = sources;
      if (source === undefined) throw new Error('no source is configured');
      const { state, hint } = await checkSource(source, false);
      expect(state).toBe('failed');
      expect(hint).toContain(`MQTT_BROKER=127.0.0.1 and MQTT_PORT=${port}`);
    } finally {
      server.close();
    }
  });
});
