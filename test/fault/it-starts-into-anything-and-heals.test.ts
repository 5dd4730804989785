import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { amisPayload } from '../support/amis.ts';
import { connectPublisher } from '../support/broker-for-tests.ts';
import { startDynatrace, TOKEN } from '../support/dynatrace.ts';
import { freePort } from '../support/free-port.ts';
import { GatewayProcess, unbalanced } from '../support/gateway-process.ts';
import { Mosquitto } from '../support/mosquitto.ts';
import { tempDir } from '../support/temp-dir.ts';

it(
  'no broker, no name resolution and a broken database: it starts, says what is wrong, and works as soon as it can',
  { timeout: 90_000 },
  async () => {
    const dir = tempDir();
    mkdirSync(join(dir, 'data'), { mode: 0o700 });
    writeFileSync(join(dir, 'data/queue.db'), Buffer.alloc(16_384, 0xa5));
    const port = await freePort();
    const yaml = (url: string): string => `
sources:
  - { type: mqtt, name: meter, url: "mqtt://127.0.0.1:${port}", topics: [amis/data] }
sinks:
  - { type: dynatrace, name: dynatrace, url: "${url}", token: ${TOKEN}, resolution: raw, flush: 1s }
`;
    const lost = new GatewayProcess({ dir, yaml: yaml('https://no-such-host.invalid') });
    await lost.start();
    await expect.poll(async () => (await lost.status()).sinks[0]?.state, { timeout: 20_000 }).toBe('retrying');
    const status = await lost.status();
    expect(status.sources[0]?.state).toBe('connecting');
    const codes = status.problems.map((problem) => problem.code);
    expect(codes).toContain('database.salvaged');
    expect(codes).toContain('sink.retrying');
    expect(status.problems.every((problem) => problem.hint.length > 10)).toBe(true);
    expect(await lost.stop()).toBe(0);

    const dynatrace = await startDynatrace();
    const found = new GatewayProcess({ dir, yaml: yaml(dynatrace.url) });
    await found.start();
    const broker = await Mosquitto.startOn(port);
    try {
      await expect
        .poll(async () => (await found.status()).sources[0]?.state, { timeout: 40_000, interval: 500 })
        .toBe('connected');
      const publisher = await connectPublisher(broker.url);
      await publisher.publish('amis/data', amisPayload(1, Date.now()), { qos: 1, retain: false });
      await expect
        .poll(async () => (await found.status()).sinks[0]?.ledger.delivered, { timeout: 30_000, interval: 500 })
        .toBe(10);
      expect(unbalanced(await found.status())).toEqual([]);
    } finally {
      await found.stop();
      await dynatrace.stop();
      await broker.stop();
    }
  },
);
