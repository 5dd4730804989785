import { describe, expect, it, onTestFinished } from 'vitest';
import { allOf } from '../support/all-of.ts';
import { within } from '../support/fault-report.ts';
import type { NetworkFault } from '../support/fault-proxy.ts';
import { startInstallation } from '../support/installation.ts';
import { lacks } from '../support/needs.ts';
import { arrived, freshAfter } from '../support/outage.ts';
import { reply, startScriptedServer } from '../support/scripted-server.ts';

const LASTS_MS = 12_000;
/** The longest pause between two attempts, and until a broker that does not answer the login is given up. */
const PAUSE_MS = 10_000;
const LOGIN_MS = 10_000;
/** Of two processes, doubling from half a second; each twice, since a broker that closes at the login may want MQTT 3.1.1. */
const MOST_ATTEMPTS = 2 * 2 * 5;

describe.skipIf(lacks({ programs: ['mosquitto'] }))('a broker', () => {
  it(
    'that refuses, is mute, or is hidden by a captive portal keeps the readings until it is there again',
    within(120_000),
    async () => {
      const scenes = [
        () => survive('the broker refuses connections', { kind: 'refuse' }, PAUSE_MS),
        () => survive('the broker answers nothing', { kind: 'swallow' }, LOGIN_MS + PAUSE_MS),
        async () => survive('a portal answers instead of the broker', await hiddenByPortal(), PAUSE_MS),
      ];
      const attempts = await allOf(scenes);
      expect(Math.max(...attempts)).toBeLessThanOrEqual(MOST_ATTEMPTS);
    },
  );
});

async function hiddenByPortal(): Promise<NetworkFault> {
  const portal = await startScriptedServer();
  portal.answer(reply(200, '<html>Welcome</html>', { 'content-type': 'text/html' }));
  onTestFinished(() => portal.stop());
  return { kind: 'hijack', port: Number(new URL(portal.url).port) };
}

/** How many attempts were made meanwhile. */
async function survive(fault: string, networkFault: NetworkFault, freshWithinMs: number): Promise<number> {
  const home = await startInstallation();
  const { toBroker, meter, stored, gateway, look } = home;
  await expect.poll(() => stored.batches.length, { timeout: 30_000 }).toBeGreaterThan(0);
  await toBroker.inflict(networkFault);
  const [began, before] = [performance.now(), toBroker.attempts.length];
  meter.start();
  await gateway.kill();
  await gateway.start();
  await expect.poll(() => look().sources[0]?.state, { timeout: 20_000, interval: 100 }).toBe('connecting');
  await expect.poll(() => performance.now(), { timeout: 60_000 }).toBeGreaterThan(began + LASTS_MS);
  expect(look().sources[0]?.state, fault).toBe('connecting');
  const attempts = toBroker.attempts.length - before;
  await toBroker.heal();
  const freshAfterMs = await freshAfter(home, performance.now(), Date.now(), freshWithinMs);
  await meter.stop();
  await arrived(home, fault, freshAfterMs);
  return attempts;
}
