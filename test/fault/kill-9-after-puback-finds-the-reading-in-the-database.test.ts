import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openInspector } from '../../src/queue/open-inspector.ts';
import { connectPublisher } from '../support/broker-for-tests.ts';
import { freePort } from '../support/free-port.ts';
import { GatewayProcess } from '../support/gateway-process.ts';
import { tempDir } from '../support/temp-dir.ts';

const ROUNDS = 6;

it(
  'a meter whose message the embedded broker acknowledged finds it in the database, whenever the gateway is killed',
  { timeout: 120_000 },
  async () => {
    const dir = tempDir();
    const port = await freePort();
    const yaml = `
queue: { linger: 50ms }
sources:
  - { type: mqtt, name: meter, url: "embedded://127.0.0.1:${port}", topics: [amis/data] }
`;
    const gateway = new GatewayProcess({ dir, yaml });
    const acknowledged: number[] = [];
    let n = 0;
    for (let round = 0; round < ROUNDS; round++) {
      await gateway.start();
      const publisher = await connectPublisher(`mqtt://127.0.0.1:${port}`);
      const killAfter = 40 + round * 37;
      let inRound = 0;
      const publishers = Array.from({ length: 8 }, async () => {
        while (inRound < killAfter) {
          const mine = n++;
          // Without a time of its own, so that no two are duplicates.
          await publisher.publish('amis/data', `{"1.7.0":${mine}}`, { qos: 1, retain: false });
          acknowledged.push(mine);
          inRound += 1;
        }
      });
      const settled = Promise.allSettled(publishers);
      await expect.poll(() => inRound, { timeout: 20_000, interval: 1 }).toBeGreaterThanOrEqual(killAfter - 8);
      await gateway.kill();
      await settled;
      await publisher.close();
    }
    expect(acknowledged.length).toBeGreaterThan(200);
    const stored = storedValues(join(dir, 'data'));
    expect(acknowledged.filter((value) => !stored.has(value))).toEqual([]);
  },
);

function storedValues(dataDir: string): ReadonlySet<number> {
  const inspector = openInspector(dataDir);
  try {
    const values = new Set<number>();
    for (const page of inspector.history({ from: 0, to: Number.MAX_SAFE_INTEGER }))
      for (const value of page.values) values.add(value);
    return values;
  } finally {
    inspector.close();
  }
}
