import { expect, it } from 'vitest';
import { openInspector } from '../../src/queue/open-inspector.ts';
import { connectPublisher } from '../support/broker-for-tests.ts';
import { reportFault, rounds, within } from '../support/fault-report.ts';
import { freePort } from '../support/free-port.ts';
import { KillScene } from '../support/kill-scene.ts';

const ROUNDS = rounds(8);
const PUBLISHERS = 8;

it(
  'a meter whose message the embedded broker acknowledged finds it in the database, whenever the gateway is killed',
  within(120_000),
  async () => {
    const port = await freePort();
    const scene = await KillScene.open({
      resolution: 'raw',
      yaml: `
queue: { linger: 50ms }
sources:
  - { type: mqtt, name: meter, url: "embedded://127.0.0.1:${port}", topics: [amis/+], device: "{2}" }`,
    });
    const acknowledged: number[] = [];
    let n = 0;
    while (scene.kills < ROUNDS) {
      await scene.start();
      const publisher = await connectPublisher(`mqtt://127.0.0.1:${port}`);
      const before = acknowledged.length;
      const publishers = Array.from({ length: PUBLISHERS }, async (_, meter) => {
        for (;;) {
          const mine = n++;
          // Without a time of its own, so that no two are duplicates.
          await publisher.publish(`amis/m${meter}`, `{"1.7.0":${mine}}`, { qos: 1, retain: false });
          acknowledged.push(mine);
        }
      });
      const cut = Promise.allSettled(publishers);
      await expect
        .poll(() => acknowledged.length - before, { timeout: 20_000, interval: 1 })
        .toBeGreaterThan(PUBLISHERS);
      // A commit takes a few milliseconds of each linger.
      await scene.killWithin(300);
      await cut;
      await publisher.close();
    }
    expect(acknowledged.length).toBeGreaterThan(ROUNDS * PUBLISHERS);
    const stored = storedValues(scene.dataDir);
    const lost = acknowledged.filter((value) => !stored.has(value)).length;
    reportFault(
      scene.row('kill -9 during QoS 1 messages to the embedded broker', { acknowledged: acknowledged.length, lost }),
    );
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
