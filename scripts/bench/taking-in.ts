import { join } from 'node:path';
import { assertBalance, assertCounts } from './assert-balance.ts';
import { startBroker } from './broker.ts';
import { CountingProxy } from './counting-proxy.ts';
import { GatewayDaemon, type LoopDelay, TOPIC } from './gateway-daemon.ts';
import { amisPayload, readings } from './household.ts';
import type { BatchedInsert, BatchedInsertArgument } from './limits/batched-insert-process.ts';
import type { RawIntake, RawIntakeArgument } from './limits/raw-intake-process.ts';
import { MqttFlood } from './mqtt-flood.ts';
import { paceOf, type Sighting } from './pace-of.ts';
import { cpuSeconds, residentBytes } from './process-facts.ts';
import type { Program } from './program.ts';
import { resultOf, runLimit, startLimit } from './run-limit.ts';
import type { Stage } from './stage.ts';
import { StandInProcess } from './stand-in.ts';

/** What a broker sends ahead of the acknowledgements, by protocol: what the gateway asks for, or the broker's own default. */
export interface Window {
  readonly protocol: '5' | '3.1.1';
  readonly messages: number;
  /** Of the broker's configuration. */
  readonly brokerMaxInFlight: number;
}

export const WINDOW_20: Window = { protocol: '3.1.1', messages: 20, brokerMaxInFlight: 20 };
export const WINDOW_256: Window = { protocol: '5', messages: 256, brokerMaxInFlight: 1_000 };

export interface TakenIn {
  readonly messages: number;
  readonly perSecond: number;
  readonly cpuSeconds: number;
  readonly mostResidentBytes: number;
  readonly loopDelay: LoopDelay;
}

const DEVICES = 400;
const EVERY_SECONDS = 5;
const VALUES = 10;
const AWAKE_MS = 100;

/**
 * A queue at the broker becomes readings on disk; and, of the same messages, raw bytes on disk. Nothing is delivered meanwhile.
 * Whoever takes in is connected already and stands still while the queue grows, so that no start is measured.
 */
export async function takeIn(
  stage: Stage,
  program: Program,
  window: Window,
  count: number,
): Promise<{ readonly gateway: TakenIn; readonly raw: RawIntake; readonly insert: BatchedInsert }> {
  const brokerPort = await startBroker(stage, window.brokerMaxInFlight);
  const gateway = await connected(stage, program, brokerPort, window, 'intake');
  const messages = await queueUp(stage, brokerPort, gateway.pid, count);
  const taken = await drainBroker(stage, gateway, messages);
  stage.say('taking in the same as raw bytes');
  const path = join(stage.dir, `raw-${window.messages}.db`);
  const raw = await takeInRaw(stage, window, path, messages);
  const inserting: BatchedInsertArgument = { path: `${path}.batched`, rows: messages, perCommit: window.messages / 2 };
  const insert = await runLimit<BatchedInsert>(stage, 'batched-insert', inserting);
  return { gateway: taken, raw, insert };
}

/** The window asked for and the most that was unacknowledged; counting slows the exchange down, so nothing else is measured. */
export async function seenWindow(
  stage: Stage,
  program: Program,
  window: Window,
  count: number,
): Promise<{ readonly asked: number | null; readonly seen: number }> {
  const brokerPort = await startBroker(stage, window.brokerMaxInFlight);
  const proxy = await CountingProxy.start(stage, brokerPort, window.protocol);
  const gateway = await connected(stage, program, proxy.port, window, 'proxied');
  const messages = await queueUp(stage, brokerPort, gateway.pid, count);
  await drainBroker(stage, gateway, messages);
  return { asked: proxy.askedWindow, seen: proxy.seenWindow };
}

async function takeInRaw(
  stage: Stage,
  { protocol, brokerMaxInFlight }: Window,
  path: string,
  messages: number,
): Promise<RawIntake> {
  const brokerPort = await startBroker(stage, brokerMaxInFlight);
  const argument: RawIntakeArgument = { brokerPort, protocol, topic: TOPIC, path, messages };
  const raw = startLimit(stage, 'raw-intake', argument);
  await raw.line(/^connected$/);
  await queueUp(stage, brokerPort, raw.pid, messages);
  process.kill(raw.pid, 'SIGCONT');
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

/** Messages wait at the broker for a process that stands still afterwards. How many it became: every device has as many. */
async function queueUp(stage: Stage, brokerPort: number, pid: number, count: number): Promise<number> {
  const perDevice = Math.ceil(count / DEVICES);
  stage.say(`queueing ${DEVICES * perDevice} messages at the broker`);
  process.kill(pid, 'SIGSTOP');
  const flood = await MqttFlood.connect(brokerPort);
  await flood.publish(messages(perDevice));
  await flood.close();
  return DEVICES * perDevice;
}

function* messages(perDevice: number): Generator<{ topic: string; payload: string }> {
  for (const reading of readings(DEVICES, perDevice, EVERY_SECONDS, Math.floor(Date.now() / 1000))) {
    yield { topic: `meters/${reading.device}/data`, payload: amisPayload(reading) };
  }
}

async function drainBroker(stage: Stage, gateway: GatewayDaemon, total: number): Promise<TakenIn> {
  stage.say(`taking in ${total} messages`);
  const sightings: Sighting[] = [];
  const cpuBefore = cpuSeconds(gateway.pid);
  process.kill(gateway.pid, 'SIGCONT');
  // Not how long it stood still.
  await stage.sleep(AWAKE_MS);
  gateway.resetLoopDelay();
  await gateway.watch(50, ({ intake }, atMs) => {
    sightings.push({ atMs, count: intake.messages });
    return intake.messages >= total ? true : null;
  });
  const used = {
    cpuSeconds: cpuSeconds(gateway.pid) - cpuBefore,
    mostResidentBytes: residentBytes(gateway.pid, 'VmHWM'),
  };
  const report = gateway.report();
  await gateway.stop();
  assertBalance(report);
  const { messages, used: usedMessages, duplicates, readings, values } = report.intake;
  assertCounts(
    {
      messages,
      used: usedMessages,
      duplicates,
      readings,
      values,
      stored: report.storedReadings,
      pending: report.pendingValues,
    },
    {
      messages: total,
      used: total,
      duplicates: 0,
      readings: total,
      values: total * VALUES,
      stored: total,
      pending: total * VALUES,
    },
  );
  return { messages: total, perSecond: paceOf(sightings, total, 0.1, 0.9), ...used, loopDelay: gateway.loopDelay };
}
