import { describe, expect, it } from 'vitest';
import { unaccounted } from '../support/accounts.ts';
import { allOf } from '../support/all-of.ts';
import { AMIS_KEYS } from '../support/amis.ts';
import { reportFault, within } from '../support/fault-report.ts';
import { startInstallation } from '../support/installation.ts';
import { lacks } from '../support/needs.ts';
import { arrived, caughtUp, expectFreshFirst } from '../support/outage.ts';

const BYTES_PER_SECOND = 2_000;
const TOO_OLD_FOR_METRICS_MS = 58 * 60_000;
const BACKLOG_MS = 6 * 60_000;

describe.skipIf(lacks({ programs: ['mosquitto'] }))('a line of 2 kB/s', () => {
  it(
    'carries fresh values while hours of backlog drain beside them on both routes, and nothing twice; it is enough for the broker, too',
    within(180_000),
    () => allOf([toDynatraceNarrow, toBrokerNarrow]),
  );
});

async function toDynatraceNarrow(): Promise<void> {
  const home = await startInstallation();
  const { toDynatrace, meter, stored, dynatrace, look } = home;
  await expect.poll(() => stored.batches.length, { timeout: 30_000 }).toBeGreaterThan(0);
  await toDynatrace.inflict({ kind: 'narrow', bytesPerSecond: BYTES_PER_SECOND });
  const began = Date.now();
  const earlier = stored.batches.length;
  await meter.catchUp(45, 7, 7);
  await meter.catchUp(150, 60, 5);
  meter.start();
  const late = meter.published.filter(({ at }) => at < began - TOO_OLD_FOR_METRICS_MS);
  await expect
    .poll(() => look().sinks[0], { timeout: 120_000, interval: 1_000 })
    .toMatchObject({ ledger: { late: late.length * AMIS_KEYS.length }, lastError: null });
  await meter.stop();
  const status = await caughtUp(home);

  const batches = stored.batches.slice(earlier);
  expectFreshFirst(batches, began);
  const lastOfBacklog = batches.findLastIndex(({ oldest }) => oldest < began - BACKLOG_MS);
  const beside = batches.slice(0, lastOfBacklog).filter(({ oldest }) => oldest >= began - BACKLOG_MS);
  expect(beside.length, 'fresh batches beside the backlog').toBeGreaterThan(2);
  expect(status.sinks[0]?.lastError).toBeNull();
  const metrics = stored.compare(meter.published.filter((reading) => !late.includes(reading)));
  const ids = new Set(dynatrace.events().map(({ fields }) => fields['event.id']));
  expect(metrics.foreign).toBe(0);
  const duplicates = metrics.duplicates + (dynatrace.events().length - ids.size) * AMIS_KEYS.length;
  expect(duplicates, 'sent twice').toBe(0);
  reportFault({
    fault: 'a line of 2 kB/s to Dynatrace',
    rounds: 1,
    acknowledged: meter.published.length * AMIS_KEYS.length,
    lost: metrics.lost + (late.length - ids.size) * AMIS_KEYS.length,
    duplicates,
    unaccounted: unaccounted(status),
  });
}

async function toBrokerNarrow(): Promise<void> {
  const home = await startInstallation();
  const { toBroker, meter } = home;
  await toBroker.inflict({ kind: 'narrow', bytesPerSecond: BYTES_PER_SECOND });
  await meter.catchUp(10, 2, 5);
  await meter.measure();
  await arrived(home, 'a line of 2 kB/s to the broker');
  expect(toBroker.attempts.length, 'connections to the broker').toBe(1);
}
