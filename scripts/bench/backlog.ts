import { join } from 'node:path';
import { assertBalance, assertCounts } from './assert-balance.ts';
import { startBroker } from './broker.ts';
import { fillQueue } from './fill-queue.ts';
import { GatewayDaemon } from './gateway-daemon.ts';
import { cpuSeconds, residentBytes } from './process-facts.ts';
import type { Program } from './program.ts';
import type { Stage } from './stage.ts';
import { StandInProcess, type Request } from './stand-in.ts';

const MINUTES = 50;
const EVERY_SECONDS = 5;
const PER_DEVICE = (MINUTES * 60) / EVERY_SECONDS;
const VALUES = 10;
/** A minute is due 5 s after its end; the newest one of the backlog is due before the gateway starts. */
const DUE_SECONDS = 10;

export interface Drained {
  readonly readings: number;
  /** By the database: from the first delivered to nothing pending. */
  readonly perSecond: number;
  /** By the stand-in: from its first full request to its last. */
  readonly wireSeconds: number;
  readonly requests: number;
  readonly lines: number;
  readonly gatewayCpuSeconds: number;
  readonly standInCpuSeconds: number;
  readonly mostResidentBytes: number;
}

/** Sends a backlog of the last 50 minutes: a reading of ten values per device every 5 s. Throws when one did not arrive. */
export async function drainBacklog(
  stage: Stage,
  program: Program,
  backlog: { readonly devices: number; readonly resolution: '1m' | 'raw' },
): Promise<Drained> {
  const { devices, resolution } = backlog;
  const total = devices * PER_DEVICE;
  const dataDir = join(stage.dir, `backlog-${resolution}`);
  stage.say(`preparing a backlog of ${total} readings`);
  const closedSeconds = Math.floor((Date.now() / 1000 - DUE_SECONDS) / 60) * 60;
  await fillQueue(stage, {
    dataDir,
    devices,
    perDevice: PER_DEVICE,
    everySeconds: EVERY_SECONDS,
    untilSeconds: closedSeconds - EVERY_SECONDS,
  });
  const standIn = await StandInProcess.start(stage, program);
  const brokerPort = await startBroker(stage);
  const gateway = new GatewayDaemon(stage, program, { dataDir, brokerPort, sinkUrl: standIn.url, resolution });
  stage.say(`draining it, resolution ${resolution}`);
  await gateway.start();
  const first = await gateway.watch(10, ({ sinks, pendingReadings }, atMs) =>
    (sinks[0]?.ledger.delivered ?? 0) > 0 ? { atMs, pendingReadings } : null,
  );
  const endMs = await gateway.watch(10, (report, atMs) => (report.pendingReadings === 0 ? atMs : null));
  const gatewayCpuSeconds = cpuSeconds(gateway.pid);
  const mostResidentBytes = residentBytes(gateway.pid, 'VmHWM');
  await gateway.stop();

  const report = gateway.report();
  assertBalance(report);
  const ledger = report.sinks[0]?.ledger;
  if (ledger === undefined) throw new Error('the report has no sink');
  const { accepted, delivered, pending, late, expired, evicted, deadLettered } = ledger;
  assertCounts(
    { accepted, delivered, pending, late, expired, evicted, deadLettered },
    {
      accepted: total * VALUES,
      delivered: total * VALUES,
      pending: 0,
      late: 0,
      expired: 0,
      evicted: 0,
      deadLettered: 0,
    },
  );
  const lines = sum(standIn.requests.map((request) => request.accepted));
  const expected = resolution === 'raw' ? total * VALUES : devices * MINUTES * VALUES;
  if (lines < expected || standIn.requests.some((request) => request.invalid > 0))
    throw new Error(`the stand-in took ${lines} lines instead of ${expected} or more, or found some invalid`);
  return {
    readings: total,
    perSecond: (first.pendingReadings * 1000) / (endMs - first.atMs),
    wireSeconds: wireSeconds(standIn.requests),
    requests: standIn.requests.length,
    lines,
    gatewayCpuSeconds,
    standInCpuSeconds: cpuSeconds(standIn.pid),
    mostResidentBytes,
  };
}

/** Requests that carry readings; the gateway's own health alone is a handful of lines. */
const FULL = 500;

function wireSeconds(requests: readonly Request[]): number {
  const times = requests.filter(({ accepted }) => accepted >= FULL).map(({ atMs }) => atMs);
  return (Math.max(...times) - Math.min(...times)) / 1000;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, n) => total + n, 0);
}
