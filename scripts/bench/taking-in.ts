import { join } from 'node:path';
import { assertBalance, assertCounts } from './assert-balance.ts';
import { cleanEnvironment } from './child.ts';
import { CountingProxy } from './counting-proxy.ts';
import { GatewayDaemon, type LoopDelay, TOPIC } from './gateway-daemon.ts';
import type { BatchedInsert, BatchedInsertArgument } from './limits/batched-insert-process.ts';
import type { RawIntake, RawIntakeArgument } from './limits/raw-intake-process.ts';
import { supply, type MessageSupply, type SupplyKind, type Window } from './message-supply.ts';
import { paceOf, type Sighting } from './pace-of.ts';
import { cpuSeconds, residentBytes } from './process-facts.ts';
import { SERVICE_ENVIRONMENT, type Program } from './program.ts';
import { resultOf, runLimit, startLimit } from './run-limit.ts';
import type { Stage } from './stage.ts';
import { StandInProcess } from './stand-in.ts';

export interface TakenIn {
  readonly messages: number;
  /** Brought twice by the broker. */
  readonly duplicates: number;
  readonly perSecond: number;
  readonly cpuSeconds: number;
  readonly mostResidentBytes: number;
  readonly loopDelay: LoopDelay;
}

const VALUES = 10;
const AWAKE_MS = 100;

/**
 * A queue at the broker becomes readings on disk; and, of the same messages, raw bytes on disk. Nothing is delivered meanwhile.
 * Whoever takes in is connected already, so that no start is measured.
 */
export async function takeIn(
  stage: Stage,
  program: Program,
  kind: SupplyKind,
  window: Window,
  count: number,
): Promise<{ readonly gateway: TakenIn; readonly raw: RawIntake; readonly insert: BatchedInsert }> {
  const supplied = await supply(stage, kind, window, count);
  const { messages } = supplied;
  const name = kind.replaceAll(' ', '-');
  const gateway = await connected(stage, program, supplied.port, window, name);
  const taken = await drainBroker(stage, gateway, supplied);
  stage.say('taking in the same as raw bytes');
  const path = join(stage.dir, `raw-${name}-${window.messages}.db`);
  const raw = await takeInRaw(stage, await supply(stage, kind, window, count), window, path);
  const inserting: BatchedInsertArgument = { path: `${path}.batched`, rows: messages, perCommit: window.messages / 2 };
  const insert = await runLimit<BatchedInsert>(stage, 'batched-insert', inserting);
  return { gateway: taken, raw, insert };
}

/** The window asked for and the most that was unacknowledged; counting slows the exchange down, so nothing else is measured. */
export async function seenWindow(
  stage: Stage,
  program: Program,
  kind: SupplyKind,
  window: Window,
  count: number,
): Promise<{ readonly asked: number | null; readonly seen: number }> {
  const supplied = await supply(stage, kind, window, count);
  const proxy = await CountingProxy.start(stage, supplied.port, window.protocol);
  const gateway = await connected(stage, program, proxy.port, window, `${kind.replaceAll(' ', '-')}-proxied`);
  await drainBroker(stage, gateway, supplied);
  return { asked: proxy.askedWindow, seen: proxy.seenWindow };
}

async function takeInRaw(
  stage: Stage,
  supplied: MessageSupply,
  { protocol }: Window,
  path: string,
): Promise<RawIntake> {
  const { port, messages } = supplied;
  const argument: RawIntakeArgument = { brokerPort: port, protocol, topic: TOPIC, path, messages };
  const raw = startLimit(stage, 'raw-intake', argument, cleanEnvironment(SERVICE_ENVIRONMENT));
  await raw.line(/^connected$/);
  await supplied.hold(raw.pid);
  supplied.release(raw.pid);
  return resultOf<RawIntake>(raw, 'raw-intake');
}

/** A gateway that is connected to the broker and whose sink takes nothing. */
async function connected(
  stage: Stage,
  program: Program,
  brokerPort: number,
  { protocol, messages }: Window,
  name: string,
): Promise<GatewayDaemon> {
  const standIn = await StandInProcess.start(stage, program);
  await standIn.refuse(503);
  const dataDir = join(stage.dir, `${name}-${messages}`);
  const gateway = new GatewayDaemon(stage, program, { dataDir, brokerPort, sinkUrl: standIn.url, protocol });
  await gateway.start();
  await gateway.ready();
  return gateway;
}

async function drainBroker(stage: Stage, gateway: GatewayDaemon, supplied: MessageSupply): Promise<TakenIn> {
  const total = supplied.messages;
  await supplied.hold(gateway.pid);
  stage.say(`taking in ${total} messages`);
  const sightings: Sighting[] = [];
  const cpuBefore = cpuSeconds(gateway.pid);
  supplied.release(gateway.pid);
  // Not how long it stood still.
  await stage.sleep(AWAKE_MS);
  gateway.resetLoopDelay();
  await gateway.watch(50, ({ intake }, atMs) => {
    sightings.push({ atMs, count: intake.used });
    return intake.used >= total ? true : null;
  });
  const used = {
    cpuSeconds: cpuSeconds(gateway.pid) - cpuBefore,
    mostResidentBytes: residentBytes(gateway.pid, 'VmHWM'),
  };
  const report = gateway.report();
  await gateway.stop();
  assertBalance(report);
  // What the broker brought twice, after a connection that broke, is stored once.
  const { used: usedMessages, duplicates, readings, values } = report.intake;
  const { storedReadings, pendingValues } = report;
  assertCounts(
    { used: usedMessages, readings, values, storedReadings, pendingValues },
    { used: total, readings: total, values: total * VALUES, storedReadings: total, pendingValues: total * VALUES },
  );
  return {
    messages: total,
    duplicates,
    perSecond: paceOf(sightings, total, 0.1, 0.9),
    ...used,
    loopDelay: gateway.loopDelay,
  };
}
