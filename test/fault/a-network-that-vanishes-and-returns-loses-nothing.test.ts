import { describe, expect, it } from 'vitest';
import { unaccounted } from '../support/accounts.ts';
import { allOf } from '../support/all-of.ts';
import { rounds, within } from '../support/fault-report.ts';
import type { NetworkFault } from '../support/fault-proxy.ts';
import { type Installation, startInstallation } from '../support/installation.ts';
import { lacks } from '../support/needs.ts';
import { NetworkNamespace } from '../support/network-namespace.ts';
import { arrived, freshAfter, survive, UNREACHABLE } from '../support/outage.ts';

/** A connection to the broker is tried again after ten seconds at most, one to Dynatrace after two and a half. */
const FRESH_WITHIN_MS = 12_500;
const FLAP_MS = 2_000;
/** On the way to Dynatrace, in turn; that to the broker is refused. */
const FLAPS: readonly NetworkFault[] = [{ kind: 'refuse' }, { kind: 'swallow' }, { kind: 'half-open' }];

const inNamespaces = lacks({ programs: ['ip', 'nft'], root: true }) ? [] : [swallowed, pulled];

describe.skipIf(lacks({ programs: ['mosquitto'] }))('a network', () => {
  it(
    'that refuses, swallows every packet, has no carrier while the gateway is restarted, or flaps loses nothing and provokes no storm',
    within(120_000),
    () => allOf([refused, ...inNamespaces], [flapping]),
  );
});

async function refused(): Promise<void> {
  await survive(await startInstallation(), {
    fault: 'Dynatrace refuses connections',
    begin: ({ toDynatrace }) => toDynatrace.inflict({ kind: 'refuse' }),
    end: ({ toDynatrace }) => toDynatrace.heal(),
    lastsMs: 15_000,
    state: 'retrying',
    error: /refused|reset|closed/,
    restart: null,
    freshWithinMs: UNREACHABLE.most,
    attemptMs: 1_000,
    pauseMs: UNREACHABLE,
  });
}

/** Shorter than the broker's keep-alive: TCP itself brings what was lost, and the session never ends. */
async function swallowed(): Promise<void> {
  const network = await NetworkNamespace.create();
  const home = await startInstallation(network);
  await underWay(home);
  await network.swallow();
  await shown(home, /no answer within|no connection within/);
  await elapse(15_000);
  await network.passAgain();
  await returned(home, 'every packet is swallowed for 15 s');
  expect(home.toBroker.attempts.length, 'connections to the broker').toBe(1);
}

async function pulled(): Promise<void> {
  const network = await NetworkNamespace.create();
  const home = await startInstallation(network);
  await underWay(home);
  await network.pull();
  await shown(home, /cannot be reached|no connection within|no answer within/);
  await home.gateway.kill();
  await home.gateway.start();
  await expect.poll(() => home.look().sources[0]?.state, { timeout: 20_000 }).toBe('connecting');
  await shown(home, /cannot be reached|no connection within/);
  await network.plug();
  await returned(home, 'no carrier, and a restart meanwhile');
}

async function flapping(): Promise<void> {
  const home = await startInstallation();
  const flaps = rounds(2) * FLAPS.length;
  await underWay(home);
  await home.toDynatrace.heal();
  const [began, before] = [performance.now(), home.toDynatrace.attempts.length];
  for (let i = 0; i < flaps; i++) {
    const fault = FLAPS[i % FLAPS.length] ?? { kind: 'refuse' };
    await Promise.all([home.toDynatrace.inflict(fault), home.toBroker.inflict({ kind: 'refuse' })]);
    await elapse(FLAP_MS);
    await Promise.all([home.toDynatrace.heal(), home.toBroker.heal()]);
    await elapse(FLAP_MS);
  }
  const seconds = (performance.now() - began) / 1000;
  // Each time it returns up to four lanes connect anew; while it is away one attempt is made in two seconds.
  expect(home.toDynatrace.attempts.length - before).toBeLessThanOrEqual(seconds / 1.5 + 5 * flaps);
  expect(home.toBroker.attempts.length).toBeLessThanOrEqual(2 + 2 * flaps);
  await returned(home, 'both networks flap every two seconds');
}

/** The meter runs, and readings are on their way: the broker is as far away as Dynatrace, so there will be no others. */
async function underWay({ meter, stored, toDynatrace, look }: Installation): Promise<void> {
  await expect.poll(() => stored.batches.length, { timeout: 30_000 }).toBeGreaterThan(0);
  await toDynatrace.inflict({ kind: 'distant', latencyMs: 2_000 });
  meter.start();
  await expect.poll(() => look().queue.pendingValues, { timeout: 30_000, interval: 50 }).toBeGreaterThanOrEqual(20);
}

async function shown({ look }: Installation, error: RegExp): Promise<void> {
  await expect.poll(() => look().sinks[0]?.lastError?.message ?? '', { timeout: 40_000, interval: 100 }).toMatch(error);
  const status = look();
  expect(status.sinks[0]).toMatchObject({ state: 'retrying', nextAttemptAt: expect.any(String) as string });
  expect(unaccounted(status)).toBe(0);
}

async function returned(home: Installation, fault: string): Promise<void> {
  await home.toDynatrace.heal();
  const freshAfterMs = await freshAfter(home, performance.now(), Date.now(), FRESH_WITHIN_MS);
  await home.meter.stop();
  await arrived(home, fault, freshAfterMs);
}

async function elapse(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
}
