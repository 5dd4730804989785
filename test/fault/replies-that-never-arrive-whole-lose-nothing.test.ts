import { describe, expect, it } from 'vitest';
import { allOf } from '../support/all-of.ts';
import { within } from '../support/fault-report.ts';
import type { NetworkFault } from '../support/fault-proxy.ts';
import { startInstallation } from '../support/installation.ts';
import { lacks } from '../support/needs.ts';
import { arrived, type Outage, survive, UNREACHABLE } from '../support/outage.ts';

/** Less than the status line. */
const FIRST_BYTES = 8;

describe.skipIf(lacks({ programs: ['mosquitto'] }))('a reply', () => {
  it(
    'that does not come, is cut off or drips too slowly means nothing: the same values go again; one that only drips is waited for',
    within(150_000),
    () => allOf([resetAtOnce, cut, dripsTooSlowly, drips]),
  );
});

async function resetAtOnce(): Promise<void> {
  await survive(await startInstallation(), {
    ...under({ kind: 'reset' }),
    fault: 'connections are reset with the first byte of a request',
    error: /reset|closed/,
    attemptMs: 1_000,
    freshWithinMs: 4_000,
  });
}

async function cut(): Promise<void> {
  await survive(await startInstallation(), {
    ...under({ kind: 'cut', afterReplyBytes: FIRST_BYTES }),
    fault: 'replies are cut off after a few bytes',
    error: /reset|closed/,
    attemptMs: 1_000,
    freshWithinMs: 4_000,
  });
}

async function dripsTooSlowly(): Promise<void> {
  await survive(await startInstallation(), {
    ...under({ kind: 'drip', byteEveryMs: 400 }),
    fault: 'replies drip, a byte in 0.4 s',
    error: /no answer within the time limit|no complete answer/,
    attemptMs: 60_000,
    freshWithinMs: 15_000,
  });
}

/** A reply takes some three seconds. */
async function drips(): Promise<void> {
  const home = await startInstallation();
  const { toDynatrace, meter, stored } = home;
  await expect.poll(() => stored.batches.length, { timeout: 30_000 }).toBeGreaterThan(0);
  await toDynatrace.inflict({ kind: 'drip', byteEveryMs: 10 });
  await meter.catchUp(45, 7, 10);
  await meter.measure();
  const status = await arrived(home, 'replies drip, a byte in 10 ms');
  expect(status.sinks[0]?.lastError).toBeNull();
  expect(stored.compare(meter.published).duplicates).toBe(0);
}

function under(fault: NetworkFault): Pick<Outage, 'begin' | 'end' | 'lastsMs' | 'state' | 'restart' | 'pauseMs'> {
  return {
    begin: ({ toDynatrace }) => toDynatrace.inflict(fault),
    end: ({ toDynatrace }) => toDynatrace.heal(),
    lastsMs: 12_000,
    state: 'retrying',
    restart: 'SIGKILL',
    pauseMs: UNREACHABLE,
  };
}
