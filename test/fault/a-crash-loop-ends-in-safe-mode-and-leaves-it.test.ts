/**
 * A gateway that dies as soon as the sink has a request of it in hand, again and again. SIGKILL at that moment is what the
 * kernel's out-of-memory killer does to one that grows without end over an answer.
 */
import Database from 'better-sqlite3';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { EXIT } from '../../src/model/error.ts';
import { MINUTE, SECOND } from '../../src/model/time.ts';
import type { Run } from '../../src/queue/work/crash-loop.ts';
import { amisPayload } from '../support/amis.ts';
import { connectPublisher } from '../support/broker-for-tests.ts';
import { TOKEN } from '../support/dynatrace.ts';
import { reportFault, within } from '../support/fault-report.ts';
import { freePort } from '../support/free-port.ts';
import { GatewayProcess, unbalanced } from '../support/gateway-process.ts';
import { startScriptedServer } from '../support/scripted-server.ts';
import { tempDir } from '../support/temp-dir.ts';

const CRASHES = 5;
const SOON = { timeout: 30_000, interval: 200 };

it(
  'a gateway that dies of what it sends: after five times it only collects, says so, and tries again by itself',
  within(120_000),
  async () => {
    const dir = tempDir();
    const port = await freePort();
    const server = await startScriptedServer();
    const yaml = `
sources:
  - { type: mqtt, name: meter, url: "embedded://127.0.0.1:${port}", topics: [amis/data] }
sinks:
  - { type: dynatrace, name: dynatrace, url: "${server.url}", token: ${TOKEN}, resolution: raw, flush: 1s }
`;
    const gateway = new GatewayProcess({ dir, yaml, env: { GATEWAY_SAFE_MODE: 'true' } });
    const codes = async (): Promise<string[]> => (await gateway.status()).problems.map(({ code }) => code);
    try {
      server.answer(() => void gateway.kill());
      for (let crash = 1; crash <= CRASHES; crash++) {
        // It may be dead before it could say that it collects.
        await gateway.start().catch(() => undefined);
        await expect.poll(() => gateway.running, SOON).toBe(false);
        expect(server.requests).toHaveLength(crash);
      }

      await gateway.start();
      const publisher = await connectPublisher(`mqtt://127.0.0.1:${port}`);
      // Resolves with the PUBACK.
      await publisher.publish('amis/data', amisPayload(1, Date.now()), { qos: 1, retain: false });
      await expect.poll(codes, SOON).toContain('safe.mode');
      const safe = await gateway.status();
      expect(safe).toMatchObject({ health: 'failing', queue: { storedReadings: 1, pendingValues: 10 } });
      expect((await gateway.command('status')).code).toBe(EXIT.failing);
      expect(server.requests).toHaveLength(CRASHES);

      await gateway.kill();
      letLive(dir, 30 * MINUTE - SECOND);
      await gateway.start();
      await expect.poll(() => gateway.running, SOON).toBe(false);
      expect(server.requests).toHaveLength(CRASHES + 1);

      await gateway.start();
      await expect.poll(codes, SOON).toContain('safe.mode');
      expect(server.requests).toHaveLength(CRASHES + 1);

      await gateway.kill();
      letLive(dir, 30 * MINUTE - SECOND);
      server.answer((response, { body }) => {
        response.writeHead(202, { 'content-type': 'application/json' });
        response.end(JSON.stringify({ linesOk: body.split('\n').length, linesInvalid: 0, error: null }));
      });
      await gateway.start();
      await expect.poll(async () => (await gateway.status()).sinks[0]?.ledger.delivered, SOON).toBe(10);
      await expect.poll(codes, { timeout: 60_000, interval: 500 }).not.toContain('safe.mode');
      const after = await gateway.status();
      reportFault({
        fault: 'five deaths while sending, safe mode, one more',
        rounds: CRASHES + 1,
        acknowledged: 1,
        lost: 1 - after.queue.storedReadings,
        duplicates: 0,
        unaccounted: unbalanced(after).length,
      });
    } finally {
      await gateway.stop();
      await server.stop();
    }
  },
);

/** As if the run that ended last had lived so long. */
function letLive(dir: string, ms: number): void {
  const db = new Database(join(dir, 'data/queue.db'));
  const row = db.prepare<[], { json: string }>("SELECT json FROM meta WHERE key = 'runs'").get();
  const runs = JSON.parse(row?.json ?? '[]') as Run[];
  const last = runs.at(-1);
  if (last === undefined) throw new Error('no run is on record');
  const changed = [...runs.slice(0, -1), { ...last, seenMono: last.startedMono + ms }];
  db.prepare("UPDATE meta SET json = ? WHERE key = 'runs'").run(JSON.stringify(changed));
  db.close();
}
