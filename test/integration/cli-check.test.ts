import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { check } from '../../src/commands/check.ts';
import { loadConfig } from '../../src/config/load.ts';
import { HOUR } from '../../src/model/time.ts';
import { CHECK_TOKEN, checkScene } from '../support/check-scene.ts';
import { startDynatrace } from '../support/dynatrace.ts';
import { freePort } from '../support/free-port.ts';
import { Mosquitto } from '../support/mosquitto.ts';

let directory = '';

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'check-'));
});
afterEach(() => rm(directory, { recursive: true }));

describe('gateway check --online', () => {
  it('says that everything works when it does, and sends no reading', async () => {
    const [dynatrace, broker] = [await standIn(), await mosquitto()];
    const context = checkScene(directory, { sinkUrl: dynatrace.url, brokerUrl: broker.url });
    expect(await check({ online: true }, context)).toBe(0);
    expect(states(context.out())).toEqual([
      'ok data directory',
      'ok disk',
      'ok source meter',
      'ok sink dynatrace (metrics)',
      'ok sink dynatrace (late)',
      'ok clock',
    ]);
    expect(dynatrace.series().map((series) => series.key)).toEqual(['gateway.check']);
    expect(context.out()).not.toContain(CHECK_TOKEN);
  });

  it('says the status of an answer once', async () => {
    const dynatrace = await standIn();
    dynatrace.fault({ kind: 'status', status: 503, times: 9 });
    const context = checkScene(directory, { sinkUrl: dynatrace.url });
    expect(await check({ online: true }, context)).toBe(4);
    expect(context.out()).toMatch(/^failed {2}sink dynatrace \(metrics\): HTTP 503/m);
  });

  it('exits with 4 and says what to do when nothing answers', async () => {
    const [sinkPort, brokerPort] = [await freePort(), await freePort()];
    const places = { sinkUrl: `http://127.0.0.1:${sinkPort}`, brokerUrl: `mqtt://127.0.0.1:${brokerPort}` };
    const context = checkScene(directory, places);
    expect(await check({ online: true }, context)).toBe(4);
    expect(context.out()).toMatch(/^failed {2}source meter: .*\n {8}→ \S/m);
    expect(context.out()).toMatch(/^failed {2}sink dynatrace \(metrics\): .*\n {8}→ \S/m);
    expect(context.out()).toMatch(/^unknown clock/m);
  });

  it('names the scope a token lacks', async () => {
    const dynatrace = await standIn({ scopes: ['metrics.ingest'] });
    const context = checkScene(directory, { sinkUrl: dynatrace.url });
    expect(await check({ online: true, json: true }, context)).toBe(4);
    expect(checks(context.out())).toMatchObject({
      'sink dynatrace (metrics)': { state: 'ok' },
      'sink dynatrace (late)': { state: 'failed', hint: expect.stringContaining('bizevents.ingest') },
    });
  });

  it('tells a token that is not known, without showing it', async () => {
    const dynatrace = await standIn();
    const token = `dt0c01.${'C'.repeat(24)}.${'D'.repeat(64)}`;
    const context = checkScene(directory, { sinkUrl: dynatrace.url, token });
    expect(await check({ online: true }, context)).toBe(4);
    expect(context.out()).toMatch(/^failed {2}sink dynatrace \(metrics\): HTTP 401/m);
    expect(context.out()).not.toContain(token);
  });

  it("tells the broker's refusal of a login", async () => {
    const [dynatrace, broker] = [await standIn(), await mosquitto(['allow_anonymous false'])];
    const context = checkScene(directory, {
      sinkUrl: dynatrace.url,
      brokerUrl: broker.url,
      username: 'meter',
      password: 'wrong-one',
    });
    expect(await check({ online: true, json: true }, context)).toBe(4);
    expect(checks(context.out())['source meter']).toMatchObject({ state: 'failed', hint: expect.stringMatching(/\S/) });
    expect(context.out()).not.toContain('wrong-one');
  });

  it('finds a clock that is wrong', async () => {
    const dynatrace = await standIn({ now: () => Date.now() + HOUR });
    const context = checkScene(directory, { sinkUrl: dynatrace.url });
    await check({ online: true, json: true }, context);
    expect(checks(context.out())['clock']).toMatchObject({
      state: 'failed',
      message: expect.stringContaining('behind'),
    });
  });

  it('finds a port for its own broker that another one has', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    const yaml = `sources: [{ type: mqtt, url: 'embedded://127.0.0.1:${port}' }]`;
    await writeFile(join(directory, 'gateway.yaml'), yaml);
    const load = () => loadConfig({ env: { GATEWAY_DATA_DIR: directory }, cwd: directory, hostname: 'box' });
    const context = checkScene(directory, { sinkUrl: 'http://127.0.0.1:1' }, { loadConfig: load });
    expect(await check({ online: true, json: true }, context)).toBe(4);
    expect(checks(context.out())['source meter']).toMatchObject({
      state: 'failed',
      hint: expect.stringContaining('MQTT_BROKER=127.0.0.1'),
    });
  });
});

async function standIn(options: Parameters<typeof startDynatrace>[0] = {}) {
  const dynatrace = await startDynatrace(options);
  onTestFinished(() => dynatrace.stop());
  return dynatrace;
}

async function mosquitto(config?: readonly string[]): Promise<Mosquitto> {
  const broker = await Mosquitto.start(config === undefined ? {} : { config });
  onTestFinished(() => broker.stop());
  return broker;
}

function states(text: string): string[] {
  return [...text.matchAll(/^(ok|failed|unknown) +(.+?): /gm)].map(([, state, name]) => `${state} ${name}`);
}

function checks(text: string): Record<string, { state: string }> {
  const { checks } = JSON.parse(text) as { checks: { name: string; state: string }[] };
  return Object.fromEntries(checks.map((c) => [c.name, c]));
}
