import { expect, it } from 'vitest';
import { amisPayload } from '../support/amis.ts';
import { startBroker } from '../support/broker-for-tests.ts';
import { startDynatrace, TOKEN } from '../support/dynatrace.ts';
import { GatewayProcess, unbalanced } from '../support/gateway-process.ts';
import { tempDir } from '../support/temp-dir.ts';

it(
  'SIGTERM while the sink hangs ends it within ten seconds with code 0, and what was acknowledged is still owed',
  { timeout: 60_000 },
  async () => {
    const dynatrace = await startDynatrace();
    dynatrace.fault({ kind: 'hang', route: 'metrics' });
    const broker = await startBroker();
    const gateway = new GatewayProcess({
      dir: tempDir(),
      yaml: `
sources:
  - { type: mqtt, name: meter, url: "mqtt://127.0.0.1:${broker.port}", topics: [amis/data] }
sinks:
  - { type: dynatrace, name: dynatrace, url: "${dynatrace.url}", token: ${TOKEN}, resolution: raw, flush: 1s }
`,
    });
    try {
      await gateway.startConnected();
      const now = Date.now();
      for (let n = 0; n < 50; n++) await broker.publish('amis/data', amisPayload(n, now - 300_000 + n * 5_000));
      await expect.poll(async () => (await gateway.status()).intake.used, { timeout: 20_000 }).toBe(50);
      const stopping = performance.now();
      expect(await gateway.stop(), gateway.output).toBe(0);
      expect(performance.now() - stopping).toBeLessThan(10_000);
      const status = await gateway.status();
      expect(status.daemon.running).toBe(false);
      expect(status.sinks[0]?.ledger).toMatchObject({ accepted: 500, pending: 500 });
      expect(unbalanced(status)).toEqual([]);
      expect(gateway.output).not.toContain(TOKEN);
    } finally {
      await gateway.stop();
      await dynatrace.stop();
    }
  },
);
