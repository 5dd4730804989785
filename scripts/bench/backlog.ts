import { join } from 'node:path';
import { assertBalance, assertCounts } from './assert-balance.ts';
import { startBroker } from './broker.ts';
import { CountingSink } from './counting-sink.ts';
import { fillQueue } from './fill-queue.ts';
import { GatewayDaemon, type LoopDelay } from './gateway-daemon.ts';
import type { DrainLimit, DrainLimitArgument } from './limits/drain-process.ts';
import type { Sighting } from './pace-of.ts';
import { cpuSeconds, residentBytes } from './process-facts.ts';
import type { Program } from './program.ts';
import { runLimit } from './run-limit.ts';
import type { Stage } from './stage.ts';

export interface Backlog {
  readonly readings: number;
  readonly resolution: '1m' | 'raw';
  /** What is not sent by then is left. */
  readonly atMostSeconds: number;
}

export interface Drained {
  /** In the backlog. */
  readonly total: number;
  /** Delivered when it was looked at last. */
  readonly delivered: number;
  /** How many readings had been delivered at which time. */
  readonly sightings: readonly Sighting[];
  readonly requests: number;
  readonly lines: number;
  readonly cpuSeconds: number;
  readonly sinkCpuSeconds: number;
  readonly mostResidentBytes: number;
  readonly loopDelay: LoopDelay;
  readonly limit: DrainLimit;
}

const MINUTES = 50;
const EVERY_SECONDS = 5;
const PER_DEVICE = (MINUTES * 60) / EVERY_SECONDS;
const VALUES = 10;
/** A minute is due 5 s after its end; the newest one of the backlog is due before the gateway starts. */
const DUE_SECONDS = 6;
/** So many are prepared in a second: the newest reading is of the minute in which the preparation ends. */
const PREPARED_PER_SECOND = 100_000;
/** Enough for a pace: the limit does not depend on what is behind. */
const LIMIT_READINGS = 1_000_000;

/**
 * Sends a backlog of the last 50 minutes: a reading of ten values per device every 5 s. Before and after, the limit goes through the
 * same rows. Throws when one did not arrive.
 */
export async function drainBacklog(stage: Stage, program: Program, backlog: Backlog): Promise<Drained> {
  const { resolution, atMostSeconds } = backlog;
  const devices = Math.ceil(backlog.readings / PER_DEVICE);
  const total = devices * PER_DEVICE;
  const dataDir = join(stage.dir, `backlog-${total}-${resolution}`);
  stage.say(`preparing a backlog of ${total} readings`);
  const closedSeconds = Math.floor((Date.now() / 1000 + total / PREPARED_PER_SECOND) / 60) * 60;
  await fillQueue(stage, {
    dataDir,
    devices,
    perDevice: PER_DEVICE,
    everySeconds: EVERY_SECONDS,
    untilSeconds: closedSeconds - EVERY_SECONDS,
  });
  stage.say('measuring the limit on it');
  const limitBefore = await measureLimit(stage, dataDir, resolution, total, closedSeconds);
  await stage.sleep((closedSeconds + DUE_SECONDS) * 1000 - Date.now());

  const sink = await CountingSink.start(stage);
  const brokerPort = await startBroker(stage);
  const gateway = new GatewayDaemon(stage, program, { dataDir, brokerPort, sinkUrl: sink.url, resolution });
  stage.say(`draining it, resolution ${resolution}`);
  await gateway.start();
  gateway.resetLoopDelay();
  const cpuBefore = cpuSeconds(gateway.pid);
  const sightings: Sighting[] = [];
  let stopAtMs = Number.POSITIVE_INFINITY;
  await gateway.watch(total > LIMIT_READINGS ? 500 : 50, ({ pendingReadings }, atMs) => {
    const delivered = total - pendingReadings;
    // The clock is confirmed with the first answer; what comes before is no part of the drain.
    if (delivered > 0 && sightings.length === 0) stopAtMs = atMs + atMostSeconds * 1000;
    if (delivered > 0) sightings.push({ atMs, count: delivered });
    stage.progress(delivered, total, `draining ${total} readings`);
    return pendingReadings === 0 || atMs >= stopAtMs ? true : null;
  });
  const used = {
    cpuSeconds: cpuSeconds(gateway.pid) - cpuBefore,
    sinkCpuSeconds: cpuSeconds(sink.pid),
    mostResidentBytes: residentBytes(gateway.pid, 'VmHWM'),
  };
  await gateway.stop();
  const delivered = assertDelivered(gateway, total * VALUES) / VALUES;
  const lines = sink.items('metrics');
  const expected = resolution === 'raw' ? delivered * VALUES : (delivered * VALUES * EVERY_SECONDS) / 60;
  if (lines < expected) throw new Error(`the sink took ${lines} lines instead of ${expected} or more`);
  stage.say('measuring the limit again');
  const limit = meanOf(limitBefore, await measureLimit(stage, dataDir, resolution, total, closedSeconds));
  const { loopDelay } = gateway;
  return { total, delivered, sightings, requests: sink.requests.length, lines, ...used, loopDelay, limit };
}

function measureLimit(
  stage: Stage,
  dataDir: string,
  resolution: '1m' | 'raw',
  total: number,
  closedSeconds: number,
): Promise<DrainLimit> {
  const minutes = Math.max(1, Math.min(MINUTES, Math.floor((MINUTES * LIMIT_READINGS) / total)));
  const fromMs = (closedSeconds - MINUTES * 60) * 1000;
  const argument: DrainLimitArgument = { dataDir, resolution, fromMs, toMs: fromMs + minutes * 60_000 };
  return runLimit<DrainLimit>(stage, 'drain', argument);
}

/** Other work on the machine comes and goes: what is measured lies between the two. */
function meanOf(before: DrainLimit, after: DrainLimit): DrainLimit {
  return {
    ...before,
    perSecond: 2 / (1 / before.perSecond + 1 / after.perSecond),
    cpuSeconds: (before.cpuSeconds + after.cpuSeconds) / 2,
  };
}

/** The values delivered; throws unless all others are pending. */
function assertDelivered(gateway: GatewayDaemon, values: number): number {
  const report = gateway.report();
  assertBalance(report);
  const ledger = report.sinks[0]?.ledger;
  if (ledger === undefined) throw new Error('the report has no sink');
  const { accepted, delivered, pending, late, expired, evicted, deadLettered } = ledger;
  assertCounts(
    { accepted, sent: delivered + pending, late, expired, evicted, deadLettered },
    { accepted: values, sent: values, late: 0, expired: 0, evicted: 0, deadLettered: 0 },
  );
  return delivered;
}
