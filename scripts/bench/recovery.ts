import { join } from 'node:path';
import { assertBalance } from './assert-balance.ts';
import { startBroker } from './broker.ts';
import { CountingSink } from './counting-sink.ts';
import { GatewayDaemon } from './gateway-daemon.ts';
import { amisMessages } from './household.ts';
import { LiveMeters } from './live-meters.ts';
import { MqttFlood } from './mqtt-flood.ts';
import type { NetworkFault } from './network-faults.ts';
import type { Program } from './program.ts';
import type { Stage } from './stage.ts';

export interface Outage {
  readonly perSecond: number;
  readonly backlogMinutes: number;
  readonly outageSeconds: number;
}

export interface Recovered {
  /** Readings that waited when the network returned. */
  readonly waited: number;
  /** Seconds, from the network's return. */
  readonly firstAnswer: number;
  readonly firstFresh: number;
  readonly drained: number;
}

const EVERY_SECONDS = 5;
const MINUTE = 60_000;
/** A minute is due so long after its end. */
const DUE_MS = 5_000;

/**
 * A gateway that runs while the network to its sink fails, its meters measuring on; what it had collected in the time before comes in
 * at once, so that nobody has to wait for it. Then the network returns.
 */
export async function recover(stage: Stage, program: Program, fault: NetworkFault, outage: Outage): Promise<Recovered> {
  const { perSecond, backlogMinutes, outageSeconds } = outage;
  const sink = await CountingSink.start(stage);
  const broker = await startBroker(stage);
  const network = await fault.prepare?.(stage, sink.port, broker);
  if (network === undefined) throw new Error(`${fault.name}: not on this machine`);
  const dataDir = join(stage.dir, `${fault.name.replaceAll(' ', '-')}-${perSecond}`);
  const gateway = new GatewayDaemon(stage, program, { dataDir, ...network });
  await gateway.start();
  await gateway.ready();
  await network.begin();
  const faultyFrom = performance.now();

  const devices = perSecond * EVERY_SECONDS;
  const flood = await MqttFlood.connect(broker);
  const perDevice = (backlogMinutes * 60) / EVERY_SECONDS;
  await flood.publish(amisMessages(devices, perDevice, Math.floor(Date.now() / 1000) - EVERY_SECONDS));
  const meters = new LiveMeters(flood, perSecond, devices);
  meters.start(stage);
  await gateway.watch(200, ({ pendingReadings }) => (pendingReadings >= devices * perDevice ? true : null));
  await stage.sleep(faultyFrom + outageSeconds * 1000 - performance.now());

  const waited = gateway.report().pendingReadings;
  const returnedMs = Date.now();
  await network.end();
  // What is of this minute or a later one was not due yet.
  const notDueMs = Math.floor((returnedMs - DUE_MS) / MINUTE) * MINUTE;
  const drainedMs = await gateway.watch(20, ({ oldestPendingAt }) =>
    oldestPendingAt === null || oldestPendingAt >= notDueMs ? Date.now() : null,
  );
  await meters.stop();
  await flood.close();
  await gateway.stop();
  assertBalance(gateway.report());
  const after = sink.requests.filter(({ atMs }) => atMs >= returnedMs);
  const fresh = after.find(({ newestMs }) => newestMs >= notDueMs - MINUTE);
  if (fresh === undefined) throw new Error(`${fault.name}: nothing fresh has arrived`);
  const since = (atMs: number): number => (atMs - returnedMs) / 1000;
  return {
    waited,
    firstAnswer: since(after[0]?.atMs ?? Number.NaN),
    firstFresh: since(fresh.atMs),
    drained: since(drainedMs),
  };
}
