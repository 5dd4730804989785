import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { amisPayload } from '../support/amis.ts';
import { startBroker } from '../support/broker-for-tests.ts';
import { startDynatrace, TOKEN } from '../support/dynatrace.ts';
import { GatewayProcess, unbalanced } from '../support/gateway-process.ts';
import { tempDir } from '../support/temp-dir.ts';

const WRONG_TOKEN = `dt0c01.${'W'.repeat(24)}.${'X'.repeat(64)}`;
const PASSWORD = 'a-broker-password-nobody-may-see';

it(
  'a new token, URL and dimension apply to what was queued before, and no secret is left anywhere',
  { timeout: 90_000 },
  async () => {
    const dynatrace = await startDynatrace();
    const broker = await startBroker();
    const dir = tempDir();
    const env = { METER_PASSWORD: PASSWORD };
    const yaml = (token: string, url: string, dimensions: string): string => `
dimensions: ${dimensions}
log: { level: debug }
sources:
  - { type: mqtt, name: meter, url: "mqtt://127.0.0.1:${broker.port}", topics: [amis/data], username: meter, password: "\${METER_PASSWORD}" }
sinks:
  - { type: dynatrace, name: dynatrace, url: "${url}", token: ${token}, flush: 1s }
`;
    const before = new GatewayProcess({ dir, env, yaml: yaml(WRONG_TOKEN, dynatrace.url, '{}') });
    let after: GatewayProcess | null = null;
    try {
      await before.startConnected();
      const first = Math.floor(Date.now() / 60_000) * 60_000 - 5 * 60_000;
      for (let n = 0; n < 24; n++) await broker.publish('amis/data', amisPayload(n, first + n * 5_000));
      await expect.poll(async () => (await before.status()).sinks[0]?.state, { timeout: 20_000 }).toBe('blocked');
      const blocked = await before.command('status');
      expect(blocked.code).toBe(4);
      expect(blocked.stdout).toContain('401');
      await expect
        .poll(async () => (await before.status()).sinks[0]?.ledger, { timeout: 20_000 })
        .toMatchObject({ accepted: 240, pending: 240 });
      await before.stop();

      after = new GatewayProcess({ dir, env, yaml: yaml(TOKEN, `${dynatrace.url}/e/abc12345`, '{ site: home }') });
      await after.start();
      await expect
        .poll(async () => (await (after ?? before).status()).sinks[0]?.ledger.delivered, { timeout: 30_000 })
        .toBe(240);
      const meter = dynatrace.series().filter((series) => series.key.startsWith('smartmeter.'));
      expect(meter.length).toBe(10);
      expect(meter.every((series) => series.dimensions['site'] === 'home')).toBe(true);
      expect(dynatrace.requests.at(-1)?.path).toMatch(/^\/e\/abc12345\//);
      const status = await after.status();
      expect(unbalanced(status)).toEqual([]);

      const said = [before.output, after.output, blocked.stdout, JSON.stringify(status)];
      const written = readdirSync(join(dir, 'data')).map((name) => readFileSync(join(dir, 'data', name), 'latin1'));
      for (const text of [...said, ...written]) {
        for (const secret of [TOKEN, WRONG_TOKEN, PASSWORD]) expect(text.includes(secret)).toBe(false);
      }
    } finally {
      await before.stop();
      await after?.stop();
      await dynatrace.stop();
    }
  },
);
