import { describe, expect, it } from 'vitest';
import { allOf } from '../support/all-of.ts';
import type { FaultProxy } from '../support/fault-proxy.ts';
import { within } from '../support/fault-report.ts';
import { startInstallation } from '../support/installation.ts';
import { lacks } from '../support/needs.ts';
import { arrived, freshAfter, survive, UNREACHABLE } from '../support/outage.ts';

/** How long an answer to a small body is waited for. */
const HEADERS_MS = 10_000;

describe.skipIf(lacks({ programs: ['mosquitto'] }))('a connection that has fallen silent', () => {
  it('is noticed and left behind within seconds, and what it swallowed comes again', within(150_000), () =>
    allOf([swallowed, halfOpen]),
  );
});

/** The worst moment for the network to come back: an attempt has just been swallowed. */
async function swallowed(): Promise<void> {
  await survive(await startInstallation(), {
    fault: 'every byte to and from Dynatrace is swallowed',
    begin: ({ toDynatrace }) => toDynatrace.inflict({ kind: 'swallow' }),
    end: async ({ toDynatrace }) => {
      await nextAttempt(toDynatrace);
      await toDynatrace.heal();
    },
    lastsMs: 5_000,
    state: 'retrying',
    error: /no answer within the time limit/,
    restart: 'SIGTERM',
    freshWithinMs: HEADERS_MS + UNREACHABLE.most,
    attemptMs: HEADERS_MS,
    pauseMs: UNREACHABLE,
  });
}

async function halfOpen(): Promise<void> {
  const home = await startInstallation();
  const { toDynatrace, meter, stored } = home;
  meter.start();
  await expect.poll(() => stored.batches.length, { timeout: 30_000 }).toBeGreaterThan(3);
  await toDynatrace.inflict({ kind: 'half-open' });
  const began = performance.now();
  const freshAfterMs = await freshAfter(home, began, Date.now(), HEADERS_MS + UNREACHABLE.most);
  await meter.stop();
  await arrived(home, 'half-open connections to Dynatrace', freshAfterMs);
}

async function nextAttempt(proxy: FaultProxy): Promise<void> {
  const before = proxy.attempts.length;
  await expect.poll(() => proxy.attempts.length, { timeout: 40_000, interval: 20 }).toBeGreaterThan(before);
}
